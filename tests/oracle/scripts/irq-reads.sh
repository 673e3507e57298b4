# board: q35
# proves: what the small files of a quiet line hold
cd /proc/irq/25
cat affinity_hint smp_affinity smp_affinity_list spurious
cat /proc/irq/4/node
