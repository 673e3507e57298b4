# board: pc
# proves: probe_irq_on opens the free lines, probe_irq_off says which interrupted: one, none, or several
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 50 level
t flow 51 edge
t request 52 taken
t status 53 noprobe
t probe on | tail -4
t state 50
t state 52
t state 53
t raise 50
t state 50
t probe off | grep probe
t state 50
t probe on | grep -c type
t probe off | grep probe
t probe on | grep -c unmask
t raise 51
t raise 50
t probe off | grep probe
t free 52 taken
rmmod tophalf_test
