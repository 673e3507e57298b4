# board: pc
# proves: handlers of a shared line run in the order of their requests, all of them, whoever claimed the interrupt
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 level
t request 49 a shared
t request 49 b shared none
t request 49 c shared
t raise 49
t free 49 a
t request 49 a shared
t raise 49
grep '^ 49:' /proc/interrupts | tr -s ' ' | cut -d' ' -f5-
ls /proc/irq/49
t free 49 a
t free 49 b
t free 49 c
ls /proc/irq/49
rmmod tophalf_test
