# board: pc
# proves: handle_untracked_irq: the handlers run, and nobody counts
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 48 untracked
t request 48 a none
t raise 48 2
grep '^ 48:' /proc/interrupts | tr -s ' ' | cut -d' ' -f3,4
head -2 /proc/irq/48/spurious
t disable 48
t raise 48
t enable 48
t free 48 a
rmmod tophalf_test
