# board: pc
# proves: the error of every request_threaded_irq that is refused for its arguments
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 level
t request 7777 x
t request 0 x
t request 49 x shared nodev
t request 49 x shared noautoen
t request 49 x cond_suspend
t request 49 x shared cond_suspend no_suspend
t request 49 x nohandler
t request 49 x nohandler thread
t request 49 x nohandler thread oneshot
t free 49 x
rmmod tophalf_test
