# board: q35
# proves: a message-signalled interrupt moves likewise
for cpu in 0 1 0 1; do
    echo $cpu > /proc/irq/24/smp_affinity_list
    sleep 0.3
    echo "$(cat /proc/irq/24/smp_affinity) $(cat /proc/irq/24/effective_affinity) $(cat /proc/irq/24/effective_affinity_list)"
done
echo 3 > /proc/irq/24/smp_affinity
