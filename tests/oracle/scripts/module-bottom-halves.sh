# board: pc
# proves: a tasklet and a timer run in softirq context, work in a task
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 51 edge
t request 51 z tasklet work timer
t raise 51 | sort
t raise 51 2 | sort
t free 51 z
rmmod tophalf_test
