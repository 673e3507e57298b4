# board: pc
# proves: a chained line is a demultiplexer: it has no actions, no row and takes none
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 edge
t request 49 behind
t flow 48 chained
t state 48
t raise 48
t request 48 x
grep -c '^ 48:' /proc/interrupts
t free 49 behind
rmmod tophalf_test
