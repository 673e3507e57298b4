# board: pc
# proves: the device rows of a board without messages: every line on the I/O APIC
# range: 0..1000000 ^ *\d+:( +\d+)( +\d+) 
grep -E '^ *[0-9]+:' /proc/interrupts | grep -vE 'timer|ata_piix'
