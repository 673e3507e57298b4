# board: pc
# proves: irq_set_irq_wake on a chip that has no such operation
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 52 level
t request 52 x
t wake 52 on
cat /sys/kernel/irq/52/wakeup
t wake 52 off
t free 52 x
rmmod tophalf_test
