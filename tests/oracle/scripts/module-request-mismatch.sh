# board: pc
# proves: whom a line may be shared with: both shared, same trigger, same ONESHOT, same PERCPU; the kernel names both parties
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t flow 49 level
t request 49 first shared high
t request 49 second
t request 49 second shared low
t request 49 second shared
t request 49 third shared oneshot thread
t request 49 fourth shared percpu
t request 49 quiet probe_shared
t free 49 second
t free 49 first
t request 49 alone
t request 49 other shared
t free 49 alone
dmesg | sed 's/^\[[^]]*\] //' | grep -E 'genirq|uses trigger'
dmesg -c > /dev/null
t request 49 h nohandler thread
dmesg | sed 's/^\[[^]]*\] //' | grep -E 'genirq'
rmmod tophalf_test
