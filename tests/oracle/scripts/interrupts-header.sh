# board: q35
# proves: the header of /proc/interrupts: one column per CPU online, blanks to the last
head -1 /proc/interrupts | tr ' ' .
