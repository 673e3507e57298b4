# board: q35
# proves: the NUMA node of a line: none for a device that has none, node 0 for legacy lines and for vectors with a managed affinity
for irq in 4 23 24 27 30 33; do echo "$irq $(cat /proc/irq/$irq/node)"; done
