# board: pc
# proves: on 6.1 the row of a line that was freed stays while it has counts
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 54 edge
grep -c '^ 54:' /proc/interrupts
t request 54 gone
grep -c '^ 54:' /proc/interrupts
t free 54 gone
grep -c '^ 54:' /proc/interrupts
t request 54 gone
t raise 54 3
t free 54 gone
grep '^ 54:' /proc/interrupts | tr -s ' ' | sed 's/[0-9][0-9]* [0-9][0-9]* t/N N t/'
cat /sys/kernel/irq/54/per_cpu_count | tr ',' '\n' | sort -n | tail -1
rmmod tophalf_test
