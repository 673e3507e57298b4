# board: q35
# proves: files of /proc/irq/N without a write operation answer root with EIO
cd /proc/irq/25
for f in affinity_hint effective_affinity effective_affinity_list node spurious; do
    echo 1 > $f
    echo "$f $?"
done 2>&1
