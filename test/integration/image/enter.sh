#!/bin/sh
# Makes ROOT read-only with the machine's devices and processes and some files in it, and becomes COMMAND, which then enters it.
# Needs root and a mount namespace of its own.
# usage: enter.sh ROOT [FILE PLACE]... -- COMMAND [ARGUMENT...]
set -eu
root=$1
shift
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
while [ "$1" != -- ]; do
  mount --bind "$1" "$root$2"
  shift 2
done
shift
mount -o remount,bind,ro "$root"
exec "$@"
