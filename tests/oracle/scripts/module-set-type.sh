# board: pc
# proves: the trigger: asked for with the request, inherited, changed, and where it shows
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 52 level
t request 52 x high
t state 52
cat /sys/kernel/irq/52/type
t type 52 low
t state 52
t type 52 rising
cat /sys/kernel/irq/52/type
t free 52 x
t request 52 x
t state 52
t free 52 x
rmmod tophalf_test
