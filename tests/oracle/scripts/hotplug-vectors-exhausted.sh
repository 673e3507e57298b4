# board: pc
# proves: a processor whose vectors do not fit on the others stays online: ENOSPC
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t pressure on 300
{ echo 0 > /sys/devices/system/cpu/cpu1/online; echo $?; } 2>&1
cat /sys/devices/system/cpu/online
dmesg | sed 's/^\[[^]]*\] //; s/[0-9][0-9]* vectors, [0-9]* avail/N vectors, N avail/' | grep 'Cannot disable'
t pressure off
echo 0 > /sys/devices/system/cpu/cpu1/online
cat /sys/devices/system/cpu/online
echo 1 > /sys/devices/system/cpu/cpu1/online
cat /sys/devices/system/cpu/online
rmmod tophalf_test
