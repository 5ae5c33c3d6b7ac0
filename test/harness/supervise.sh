#!/bin/sh
# Runs COMMAND until it ends, or until this script's stdin closes: whoever started it is then gone, however it died.
# In that case COMMAND is killed and SCRATCH removed. Every sibling does so after its own child's end, so the last leaves nothing.
# Signals: TERM asks COMMAND to end, USR2 kills it; both keep SCRATCH.
# usage: supervise.sh SCRATCH COMMAND [ARGUMENT...]
scratch=$1
shift
orphaned=
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
trap 'kill -TERM $child 2>/dev/null' TERM
trap 'kill -KILL $child 2>/dev/null' USR2
trap 'orphaned=yes; kill -KILL $child 2>/dev/null' USR1
{ cat <&3; kill -USR1 $$; } >/dev/null 2>&1 &
exec 3<&-
# A trapped signal interrupts `wait`; only a reaped child ends the loop.
while :; do
  wait $child
  status=$?
  kill -0 $child 2>/dev/null || break
done
[ -z "$orphaned" ] || rm -rf -- "$scratch"
exit $status
