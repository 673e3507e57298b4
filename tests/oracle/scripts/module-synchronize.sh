# board: pc
# proves: synchronize_irq waits for a handler's thread, disable_hardirq only says that one is at work, free_irq does not give the line back before
# again: the thread sleeps 400 ms, and the host may be that slow between two commands
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 edge
t request 49 a wake thread slow
t raise 49
t sync 49
t sync 49
t raise 49
t hard 49
t sync 49
t hard 49
t enable 49
t enable 49
t raise 49
t disable 49
t enable 49
t raise 49
t free 49 a
t state 49
rmmod tophalf_test
