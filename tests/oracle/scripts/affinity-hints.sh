# board: q35
# proves: a driver's hint shows in affinity_hint and binds nobody
cat /proc/irq/28/affinity_hint /proc/irq/29/affinity_hint
