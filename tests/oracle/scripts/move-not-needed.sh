# board: q35
# proves: a wider mask that holds the present CPU moves nothing: effective_affinity stays exactly one CPU
echo 2 > /proc/irq/23/smp_affinity
sleep 0.3
cat /proc/irq/23/effective_affinity
echo 3 > /proc/irq/23/smp_affinity
sleep 0.3
cat /proc/irq/23/smp_affinity /proc/irq/23/effective_affinity
