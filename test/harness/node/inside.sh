#!/bin/sh
# Process 1 of the namespaces that isolate.sh makes: prepares them for a Kubernetes node, then runs COMMAND.
# usage: inside.sh SCRATCH COMMAND [ARGUMENT...]
set -eu
scratch=$1
shift
trap 'exit 129' USR1
{ cat <&3; kill -USR1 1; } >/dev/null 2>&1 &
exec 3<&-

# Kubelet and containerd keep some things at fixed paths. They get them without the host's seeing it.
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir "$scratch/lib" "$scratch/lib.work"
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$scratch/lib,workdir=$scratch/lib.work" /var/lib

# Kubelet sets these for the whole machine. Here it finds them set, in files that are not the kernel's.
mkdir "$scratch/sysctl"
while read -r setting value; do
  [ -e "/proc/sys/$setting" ] || continue
  file=$scratch/sysctl/${setting##*/}
  echo "$value" >"$file"
  mount --bind "$file" "/proc/sys/$setting"
done <<SETTINGS
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SETTINGS

# A bridge to nowhere carries the node's address; kubelet wants a default route, if only to nobody.
export BERTHAGE_NODE_SCRATCH="$scratch"
export BERTHAGE_NODE_ADDRESS=10.245.255.1
ip link set lo up
ip link add node0 type bridge
ip address add "$BERTHAGE_NODE_ADDRESS/24" dev node0
ip link set node0 up
ip route add default via 10.245.255.2
echo 1 >/proc/sys/net/ipv4/ip_forward

# Not exec: process 1 must live on to take in orphans, and to end everything.
set +e
"$@" &
child=$!
while wait $child; status=$?; kill -0 $child 2>/dev/null; do :; done
exit $status
