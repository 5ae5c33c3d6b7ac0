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
trap 'interrupted=yes; kill -TERM $child 2>/dev/null' TERM
trap 'interrupted=yes; kill -KILL $child 2>/dev/null' USR2
trap 'interrupted=yes; orphaned=yes; kill -KILL $child 2>/dev/null' USR1
{ cat <&3; kill -USR1 $$; } >/dev/null 2>&1 &
exec 3<&-
# A trap ends `wait` with the signal's number; the child's own status comes from a wait that no trap ended.
while interrupted=; wait $child; status=$?; [ -n "$interrupted" ]; do :; done
[ -z "$orphaned" ] || rm -rf -- "$scratch"
exit $status
