# board: pc
# proves: the errors of request_irq that are the line's own: not connected, no chip, not to be requested, no resources, a trigger the chip refuses, not set up per CPU
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t request -2147483648 x
t flow 50 none
t request 50 x
t flow 50 level
t status 50 norequest
t request 50 x
t status 50 norequest off
t chip refuse_resources
t request 50 x
t chip refuse_resources off
t chip refuse_type
t request 50 x high
t request 50 x
t type 50 low
t chip refuse_type off
t free 50 x
t percpu 50
dmesg | sed 's/^\[[^]]*\] //; s/(.*set_type.*)/()/' | grep -E 'genirq'
rmmod tophalf_test
