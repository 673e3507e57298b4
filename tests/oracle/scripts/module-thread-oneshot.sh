# board: pc
# proves: ONESHOT keeps a level line masked until its thread is through; two threads of a line, until both are
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 level
t request 49 a nohandler thread oneshot shared
t raise 49
t request 49 b nohandler thread oneshot shared
t raise 49 | sort
t state 49
t free 49 a
t free 49 b
rmmod tophalf_test
