# board: pc-options
# proves: irqaffinity= is the default affinity, and every line's that nobody moved
grep -o 'irqaffinity=[0-9]*' /proc/cmdline
cat /proc/irq/default_smp_affinity
for irq in 1 4 9 10 12; do echo $irq $(cat /proc/irq/$irq/smp_affinity /proc/irq/$irq/effective_affinity); done
echo 3 > /proc/irq/default_smp_affinity
cat /proc/irq/default_smp_affinity /proc/irq/10/smp_affinity
echo 1 > /proc/irq/default_smp_affinity
