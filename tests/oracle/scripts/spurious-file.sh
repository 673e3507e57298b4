# board: q35
# proves: layout of /proc/irq/N/spurious, all zero on a healthy busy line
sleep 0.2
cat /proc/irq/23/spurious /proc/irq/24/spurious
wc -l < /proc/irq/23/spurious
grep -c . /proc/irq/4/spurious
