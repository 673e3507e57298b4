# board: pc-counted pc-rt pc-nocbs
# proves: callbacks of call_rcu run in the RCU softirq of the processor that queued them, in the order of calling, and synchronize_rcu waits for a grace period; with PREEMPT_RT in rcuc/N, with rcu_nocbs in rcuop/N with bottom halves disabled; RCU's threads with policy and priority
# again: the ticker looks every 50 ms whether to go on, and may be whom an interrupt interrupts
insmod /lib/modules/tophalf_test.ko
touch /tmp/quiet
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t place rcu
t place sync
t rcu 3
t rcu 25
rm /tmp/quiet
rmmod tophalf_test
for p in /proc/[0-9]*; do
    name=$(cat $p/comm 2>/dev/null)
    case $name in rcu_preempt | rcuc/* | rcuo*) ;; *) continue ;; esac
    set -- $(sed 's/.*) //' $p/stat)
    echo "$name: prio ${16} nice ${17} rt_priority ${38} policy ${39}"
done | sort
