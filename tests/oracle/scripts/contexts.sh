# board: pc-counted pc-rt
# proves: where code of each kind runs: context, what is off, preempt_count, and in whose name, with policy and priority; with PREEMPT_RT softirqs in threads with preempt_count 0, timers in ktimers, irq_work in its thread, handlers in theirs
# again: the ticker looks every 50 ms whether to go on, and may be whom an interrupt interrupts
# erase: kworker/0:(\d+)
# erase: ^irqwork_?\w*: hardirq, .* preempt 0x1000(\d),
insmod /lib/modules/tophalf_test.ko
touch /tmp/quiet
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t place task bh spin raw
t place tasklet hi
t place work highpri
t place timer hrtimer hrtimer_soft hrtimer_hard
t place irqwork irqwork_hard irqwork_lazy
t flow 49 edge
t request 49 a place
t raise 49
t free 49 a
t request 49 a place thread wake
t raise 49
t free 49 a
t request 49 a place no_thread
t raise 49
t free 49 a
rm /tmp/quiet
rmmod tophalf_test
