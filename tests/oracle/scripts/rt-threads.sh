# board: pc-rt
# proves: PREEMPT_RT: names, policies and priorities of the threads of softirqs, timers, irq_work, RCU, hotplug, the stop class and of every handler
for p in /proc/[0-9]*; do
    name=$(cat $p/comm 2>/dev/null)
    case $name in ksoftirqd/* | ktimers/* | irq_work/* | rcu_preempt | rcuc/* | rcub/* | cpuhp/* | migration/* | irq/*) ;; *) continue ;; esac
    set -- $(sed 's/.*) //' $p/stat)
    echo "$name: prio ${16} nice ${17} rt_priority ${38} policy ${39}"
done | sort
cat /sys/kernel/realtime
uname -v | cut -d' ' -f1-3
