# board: pc
# proves: request_any_context_irq: 0 for a line of its own, 1 for one in another's thread; a nested line needs a thread function and has no hard interrupt
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t flow 50 edge
t flow 51 edge
t status 51 nested
t any 50 x
t raise 50
t any 51 y
t nested 51
t raise 51
t state 51
t free 50 x
t free 51 y
t request 51 z
t request 51 z nohandler thread oneshot
t nested 51
t free 51 z
dmesg | sed 's/^\[[^]]*\] //' | grep -E '^Primary'
rmmod tophalf_test
