# board: pc
# proves: IRQF_NO_AUTOEN: the line stays disabled until enable_irq; what arrived before is sent then
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 51 level
t request 51 x noautoen
t state 51
t raise 51
t enable 51
t state 51
t free 51 x
rmmod tophalf_test
