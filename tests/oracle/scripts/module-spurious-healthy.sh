# board: pc
# proves: a line that somebody answers is never cut, and its interrupts are not even counted
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 50 edge
t request 50 a none shared
t request 50 b shared
t flood 50 150000 | tail -1
head -2 /proc/irq/50/spurious
t free 50 b
t raise 50 5 | tail -1
head -2 /proc/irq/50/spurious
t free 50 a
rmmod tophalf_test
