# board: pc
# proves: a second device on a PCI line: both names in one row, each handler asked, one answers
# range: 0..1000000 ^ *\d+:( +\d+){2} 
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t edu intx
grep -w edu /proc/interrupts
ls -d /proc/irq/10/eth0 /proc/irq/10/edu
t edu raise 1
t edu raise 0x80
t edu off
grep -cw edu /proc/interrupts
rmmod tophalf_test
