# board: pc-options
# proves: threadirqs: sharers of a line each have a thread; the line opens when the last is through
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 level
t request 49 a shared
t request 49 b shared none
t raise 49 | sort
t state 49
t free 49 a
t free 49 b
rmmod tophalf_test
