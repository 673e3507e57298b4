# board: q35
# proves: which lines have a directory: the sixteen legacy lines always, others once somebody asked for them
# differs: the twin has no descriptors for legacy lines without a device
ls /proc/irq
