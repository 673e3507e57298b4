# board: pc
# proves: a processor that goes offline: its lines go elsewhere at once, and a mask with nobody left becomes that of all online
irq=10
echo 2 > /proc/irq/$irq/smp_affinity
sleep 0.3
cat /proc/irq/$irq/smp_affinity /proc/irq/$irq/effective_affinity
echo 0 > /sys/devices/system/cpu/cpu1/online
echo $?
cat /proc/irq/$irq/smp_affinity /proc/irq/$irq/effective_affinity
before=$(grep "^ *$irq:" /proc/interrupts | tr -s ' ' | cut -d' ' -f3)
sleep 0.3
after=$(grep "^ *$irq:" /proc/interrupts | tr -s ' ' | cut -d' ' -f3)
[ $after -gt $before ] && echo goes on
echo 1 > /sys/devices/system/cpu/cpu1/online
sleep 0.3
cat /proc/irq/$irq/smp_affinity /proc/irq/$irq/effective_affinity
echo 2 > /proc/irq/$irq/smp_affinity
sleep 0.3
cat /proc/irq/$irq/effective_affinity
echo 3 > /proc/irq/$irq/smp_affinity
