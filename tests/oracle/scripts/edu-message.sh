# board: pc
# proves: the same device by MSI: a line of its own, edge, first free number
# range: 0..1000000 ^ *\d+:( +\d+){2} 
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t edu msi
grep -w edu /proc/interrupts
t edu raise 5
t edu off
rmmod tophalf_test
