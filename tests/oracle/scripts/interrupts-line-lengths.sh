# board: q35
# proves: no row has blanks at its end, and the rows of ERR and MIS have one number only
grep -c ' $' /proc/interrupts
grep -E '^ERR:|^MIS:' /proc/interrupts
