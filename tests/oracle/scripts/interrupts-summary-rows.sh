# board: q35
# proves: which summary rows there are below the device lines, in which order and words
# range: 0..10000000 ^...:( +\d+)+
grep -vE '^ *[0-9]+:|CPU' /proc/interrupts
