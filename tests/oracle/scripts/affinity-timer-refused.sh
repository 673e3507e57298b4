# board: q35
# proves: the timer and the cascade cannot be moved: EIO on 6.1
for irq in 0 2; do
    echo 3 > /proc/irq/$irq/smp_affinity
    echo "$irq $? $(cat /proc/irq/$irq/smp_affinity) $(cat /proc/irq/$irq/effective_affinity)"
done 2>&1
