# board: q35
# proves: uname and nproc tell the same machine
uname -s
uname -r | cut -d. -f1,2
nproc
cat /sys/devices/system/cpu/online /sys/devices/system/cpu/possible /sys/devices/system/cpu/present
cut -d. -f1,2 /proc/sys/kernel/osrelease
