# board: pc
# proves: /proc/schedstat: version, and of each processor a line and one for its domain; nothing but times is counted unless sched_schedstats is set
# erase: ^timestamp (\d+)
# erase: ^cpu\d+ 0 0 0 0 0 0 (.*)
cat /proc/schedstat
cat /proc/sys/kernel/sched_schedstats
cat /proc/sys/kernel/sched_rt_period_us /proc/sys/kernel/sched_rt_runtime_us
echo 2 > /proc/sys/kernel/sched_schedstats
echo 1000001 > /proc/sys/kernel/sched_rt_runtime_us
echo 500 > /proc/sys/kernel/sched_rt_runtime_us
cat /proc/sys/kernel/sched_rt_runtime_us
echo 400 > /proc/sys/kernel/sched_rt_period_us
echo 0 > /proc/sys/kernel/sched_rt_period_us
echo -2 > /proc/sys/kernel/sched_rt_runtime_us
echo -1 > /proc/sys/kernel/sched_rt_runtime_us
cat /proc/sys/kernel/sched_rt_period_us /proc/sys/kernel/sched_rt_runtime_us
echo 950000 > /proc/sys/kernel/sched_rt_runtime_us
