# board: q35
# proves: a level line of the I/O APIC moves with its next interrupts, to exactly the CPU asked for, there and back
for cpu in 0 1 0 1; do
    echo $cpu > /proc/irq/23/smp_affinity_list
    sleep 0.3
    echo "$(cat /proc/irq/23/smp_affinity) $(cat /proc/irq/23/effective_affinity) $(cat /proc/irq/23/effective_affinity_list)"
done
echo 3 > /proc/irq/23/smp_affinity
