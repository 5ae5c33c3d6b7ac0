#!/bin/sh
# Runs COMMAND where it cannot harm the host: in network, mount, process and IPC namespaces of its own, which end with it,
# however it ends, and with them everything in them: containers, mounts, bridges, packet filters. They end early when
# stdin closes: whoever started this is then gone. Afterwards removes the cgroups named GROUP, and SCRATCH.
# usage: isolate.sh SCRATCH GROUP COMMAND [ARGUMENT...]
scratch=$1
group=$2
shift 2
cgroups=/sys/fs/cgroup

# Version 1 has a hierarchy a controller; the cpuset's needs its processors before it takes a process. Version 2 has one.
if [ -e $cgroups/cgroup.controllers ]; then
  mkdir "$cgroups/$group"
else
  for hierarchy in $cgroups/*/; do mkdir -p "$hierarchy$group"; done
  for file in cpus mems; do cat "$cgroups/cpuset/cpuset.$file" >"$cgroups/cpuset/$group/cpuset.$file"; done
fi

export BERTHAGE_NODE_CGROUP="/$group"
exec 3<&0
unshare --net --mount --ipc --pid --fork --mount-proc "${0%/*}/inside.sh" "$scratch" "$@" </dev/null &
child=$!
# The namespaces are ended by stdin alone, so that what follows is always done.
trap 'interrupted=yes' INT TERM HUP
while interrupted=; wait $child; status=$?; [ -n "$interrupted" ]; do :; done

for root in $cgroups/"$group" $cgroups/*/"$group"; do
  [ -d "$root" ] && find "$root" -depth -type d -exec rmdir {} \;
done
rm -rf -- "$scratch"
exit $status
