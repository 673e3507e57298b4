# board: pc
# proves: a handler that asks for a thread it does not have is told so, once
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t flow 49 edge
t request 49 dev wake
t raise 49 3
# The kernel's message lacks its newline, and is readable once another follows.
echo next > /dev/kmsg
dmesg | sed 's/^\[[^]]*\] //' | grep -E 'IRQ_WAKE_THREAD'
t free 49 dev
rmmod tophalf_test
