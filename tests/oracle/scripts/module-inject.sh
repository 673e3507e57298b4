# board: pc
# proves: irq_inject_interrupt: only where the line is in use and its chip can send
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 53 edge
t inject 53
t request 53 x
t inject 53
t free 53 x
rmmod tophalf_test
