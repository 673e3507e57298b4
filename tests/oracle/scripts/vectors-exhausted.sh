# board: pc
# proves: lines beyond the vectors of all CPUs are refused with ENOSPC, and the kernel says so
# range: 380..400 ^pressure: 600 lines, (\d+) requested
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t pressure on 600
t edu msi
t pressure off
t edu msi
t edu off
t pressure on 100
t pressure off
dmesg | sed 's/^\[[^]]*\] //' | grep -iE 'vector|reserv' | sort -u
rmmod tophalf_test
