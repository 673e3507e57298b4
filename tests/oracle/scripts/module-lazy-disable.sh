# board: pc
# proves: disabling is lazy; with IRQ_DISABLE_UNLAZY the line is masked at once
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 48 edge
t request 48 a
t disable 48
t enable 48
t status 48 unlazy
t disable 48
t state 48
t enable 48
t status 48 unlazy off
t hard 48
t hard 48
t enable 48
t enable 48
t free 48 a
t status 48 noautoen
t request 48 a
t state 48
t enable 48
t free 48 a
rmmod tophalf_test
