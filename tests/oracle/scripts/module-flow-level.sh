# board: pc
# proves: handle_level_irq: masked and acknowledged before the handler, opened after; while disabled masked at the arrival, and sent again by software when enabled
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 48 level
t request 48 a
t raise 48
t raise 48 2
t disable 48
t state 48
t raise 48
t state 48
t enable 48
t state 48
t free 48 a
t state 48
rmmod tophalf_test
