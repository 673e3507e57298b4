# board: pc
# proves: a handler that returns what is no irqreturn_t is reported, and its line lives on
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t flow 50 edge
t request 50 a bogus
t raise 50
dmesg | sed 's/^\[[^]]*\] //' | grep -E 'bogus'
t state 50
head -2 /proc/irq/50/spurious
t free 50 a
rmmod tophalf_test
