# board: pc
# proves: wake-up sources are counted, and only the first wish and the last unwish reach the chip
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t chip wake
t flow 52 level
t request 52 x
t wake 52 on
t wake 52 on
cat /sys/kernel/irq/52/wakeup
t state 52
t wake 52 off
cat /sys/kernel/irq/52/wakeup
t wake 52 off
cat /sys/kernel/irq/52/wakeup
t wake 52 off
t free 52 x
t chip wake off
dmesg | sed 's/^\[[^]]*\] //' | grep -E '^Unbalanced'
rmmod tophalf_test
