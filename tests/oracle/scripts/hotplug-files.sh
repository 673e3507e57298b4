# board: pc
# proves: files while a processor is offline: columns, masks and the lists of processors
cat /sys/devices/system/cpu/online /sys/devices/system/cpu/offline /sys/devices/system/cpu/present
ls /sys/devices/system/cpu/cpu0/online 2>&1
echo 0 > /sys/devices/system/cpu/cpu1/online
cat /sys/devices/system/cpu/cpu1/online /sys/devices/system/cpu/online /sys/devices/system/cpu/offline /sys/devices/system/cpu/present
head -1 /proc/interrupts
head -1 /proc/softirqs
grep -c '^cpu' /proc/stat
{ echo 2 > /proc/irq/10/smp_affinity; echo $?; } 2>&1
{ echo 1 > /proc/irq/10/smp_affinity_list; echo $?; } 2>&1
echo 3 > /proc/irq/10/smp_affinity; cat /proc/irq/10/smp_affinity
{ echo 2 > /proc/irq/default_smp_affinity; echo $?; } 2>&1
nproc
echo 1 > /sys/devices/system/cpu/cpu1/online
cat /sys/devices/system/cpu/online
head -1 /proc/interrupts
{ echo 2 > /sys/devices/system/cpu/cpu1/online; echo $?; } 2>&1
{ echo x > /sys/devices/system/cpu/cpu1/online; echo $?; } 2>&1
cat /sys/devices/system/cpu/cpu1/online
