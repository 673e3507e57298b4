# board: pc
# proves: disable_irq nests; the last enable_irq opens the line, one too many is warned of
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
dmesg -c > /dev/null
t flow 48 level
t request 48 a
t disable 48
t nosync 48
t enable 48
t state 48
t enable 48
t state 48
t enable 48
dmesg | sed 's/^\[[^]]*\] //' | grep -E 'Unbalanced'
t free 48 a
rmmod tophalf_test
