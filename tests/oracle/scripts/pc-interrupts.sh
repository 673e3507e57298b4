# board: pc
# proves: the device rows of the other board (how e1000e names its vectors apart)
# range: 0..1000000 ^ *\d+:( +\d+){2} 
grep -E '^ *[0-9]+:' /proc/interrupts | grep -vE 'timer|ata_piix|eth1'
