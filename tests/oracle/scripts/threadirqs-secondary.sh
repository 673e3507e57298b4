# board: pc-options
# proves: threadirqs: a handler that had a thread gets two, the second woken by the first
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 edge
t request 49 a wake thread
t raise 49
t free 49 a
t request 49 b handled thread
t raise 49
t free 49 b
t request 49 c nohandler thread oneshot
t raise 49
t free 49 c
rmmod tophalf_test
