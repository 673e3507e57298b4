# board: q35
# proves: the timer has number 0 and pin 2
# range: 0..100000 ^ *\d+:( +\d+){2} 
grep 'timer$' /proc/interrupts
