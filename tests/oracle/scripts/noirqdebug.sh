# board: pc-options
# proves: noirqdebug: a line nobody answers is never cut
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 50 edge
t request 50 a none no_thread
t flood 50 100100 | tail -1
head -2 /proc/irq/50/spurious
t free 50 a
rmmod tophalf_test
