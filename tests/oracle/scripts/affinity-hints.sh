# board: q35
# proves: a driver's hint shows in affinity_hint and binds nobody
# differs: no driver of the twin gives hints
cat /proc/irq/28/affinity_hint /proc/irq/29/affinity_hint
