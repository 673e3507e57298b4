# board: pc-options
# proves: threadirqs: a handler runs in a thread of its own, its line masked until it is through; NO_THREAD, PERCPU and ONESHOT requests stay as they are; the thread runs it with interrupts off
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 level
t request 49 a
t raise 49
t free 49 a
t request 49 b no_thread
t raise 49
t free 49 b
t request 49 c percpu
t raise 49
t free 49 c
t request 49 d oneshot
t raise 49
t free 49 d
t status 49 nothread
t request 49 e
t raise 49
t free 49 e
t status 49 nothread off
t request 49 f place
t raise 49
t free 49 f
rmmod tophalf_test
