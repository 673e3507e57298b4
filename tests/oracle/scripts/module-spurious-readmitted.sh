# board: pc-counted
# proves: a further handler on a line that was cut opens it again with its counts at zero
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 50 edge
t request 50 a none shared
t flood 50 100100 | tail -1
t request 50 b shared
t state 50
head -2 /proc/irq/50/spurious
t raise 50
t free 50 a
t free 50 b
rmmod tophalf_test
