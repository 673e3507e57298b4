# board: pc-rt
# proves: PREEMPT_RT: no round runs at the end of an interrupt, ten at a local_bh_enable in the task itself
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
