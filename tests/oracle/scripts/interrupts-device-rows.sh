# board: q35
# proves: the row of every device line: number, counts, chip, hwirq, flow and names, column for column
# range: 0..1000000 ^ *\d+:( +\d+){2} 
grep -E '^ *[0-9]+:' /proc/interrupts | grep -v timer
