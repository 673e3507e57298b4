# board: q35
# proves: which lines have a directory: the sixteen legacy lines always, others once somebody asked for them
ls /proc/irq
