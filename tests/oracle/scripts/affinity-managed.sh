# board: q35
# proves: nobody may move a managed line (NVMe, virtio-blk): EIO on 6.1, EPERM since 6.11; its mask is the queue's CPU
for irq in 31 32 34 35; do
    echo 3 > /proc/irq/$irq/smp_affinity
    echo "$irq $? $(cat /proc/irq/$irq/smp_affinity_list) $(cat /proc/irq/$irq/effective_affinity_list)"
done 2>&1
