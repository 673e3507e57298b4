# board: q35
# proves: per_cpu_count has the columns of /proc/interrupts, comma-separated
# range: 0..1000000 ^(\d+),(?:\d+)$
# range: 0..1000000 ,(\d+)$
cat /sys/kernel/irq/23/per_cpu_count
cat /sys/kernel/irq/29/per_cpu_count
