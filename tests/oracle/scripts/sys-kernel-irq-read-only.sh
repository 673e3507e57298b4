# board: q35
# proves: the files of /sys/kernel/irq/N cannot be opened for writing, not even by root without the right to
for f in actions chip_name hwirq name per_cpu_count type wakeup; do
    echo 1 > /sys/kernel/irq/24/$f
    echo "$f $?"
done 2>&1
