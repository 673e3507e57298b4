# board: pc
# proves: what files say of a line without a domain: chip, no hwirq, and a directory from its first request on
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
ls /proc/irq/54 2>&1
t flow 54 edge
cat /sys/kernel/irq/54/chip_name /sys/kernel/irq/54/hwirq /sys/kernel/irq/54/name /sys/kernel/irq/54/actions
t request 54 some/name
grep '^ 54:' /proc/interrupts
cat /sys/kernel/irq/54/actions
echo $(ls /proc/irq/54)
cat /proc/irq/54/smp_affinity /proc/irq/54/effective_affinity /proc/irq/54/node
{ echo 1 > /proc/irq/54/smp_affinity; echo $?; } 2>&1
t free 54 some/name
grep -c '^ 54:' /proc/interrupts
rmmod tophalf_test
