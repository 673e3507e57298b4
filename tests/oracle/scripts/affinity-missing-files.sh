# board: q35
# proves: what the shell and cat say of files, directories and interrupts that are not there
cat /proc/irq/99/smp_affinity; echo $?
echo 1 > /proc/irq/99/smp_affinity; echo $?
echo 1 > /proc/irq/25/new; echo $?
echo 1 > /proc/irq/25; echo $?
echo 1 > /proc/irq; echo $?
cat /proc/irq/25; echo $?
cat /proc/irq/025/node; echo $?
cat /proc/irq/25/; echo $?
cat /proc/irq/25/node/x; echo $?
cat /proc/interrupts/x; echo $?
