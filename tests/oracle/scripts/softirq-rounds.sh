# board: pc-counted pc-rt
# proves: a softirq that raises itself runs ten times behind an interrupt or a local_bh_enable, and then in ksoftirqd; raised by a task alone, in ksoftirqd from the first; with PREEMPT_RT no round runs at the end of an interrupt, ten at a local_bh_enable in the task itself
insmod /lib/modules/tophalf_test.ko
touch /tmp/quiet
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t rounds interrupt 25
t rounds interrupt 10
t rounds bh 25
t rounds bh 9
t rounds task 25
rm /tmp/quiet
rmmod tophalf_test
