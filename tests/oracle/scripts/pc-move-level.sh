# board: pc
# proves: a legacy PCI line moves with its next interrupts
for cpu in 0 1 0; do
    echo $cpu > /proc/irq/10/smp_affinity_list
    sleep 0.3
    echo "$(cat /proc/irq/10/smp_affinity) $(cat /proc/irq/10/effective_affinity)"
done
echo 3 > /proc/irq/10/smp_affinity
