# board: pc
# proves: a threaded handler: its thread, named after line and action, runs at SCHED_FIFO 50 after the hard handler asked for it
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 edge
t request 49 dev wake thread
t raise 49
t free 49 dev
t request 49 dev handled thread
t raise 49
t free 49 dev
t request 49 averylongdevicename wake thread
t raise 49
t free 49 averylongdevicename
rmmod tophalf_test
