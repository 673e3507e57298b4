# board: q35
# proves: modes, owner and size of the files of an ordinary line
# erase: ^\S+ +\d+ \d+ +\d+ +\d+ (\w+ +\d+ +[\d:]+) 
cd /proc/irq/25
ls -ln affinity_hint effective_affinity effective_affinity_list node smp_affinity smp_affinity_list spurious
ls -ln /proc/irq/default_smp_affinity
ls -ln /proc/interrupts /proc/softirqs /proc/stat
