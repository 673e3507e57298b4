# board: pc-counted
# proves: a line nobody answers is cut at exactly the 100 000th interrupt, with handlers named in the report
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t flow 50 edge
t request 50 a none
t flood 50 100100 | tail -1
head -2 /proc/irq/50/spurious
t state 50
dmesg | sed 's/^\[[^]]*\] //; s/<.*>/<>/' | grep -E 'nobody|handler|Disabling'
t free 50 a
t request 50 a
t state 50
t raise 50
t free 50 a
rmmod tophalf_test
