# board: q35
# proves: after a move the new CPU's column grows and the old one's stands still, by at least two in a third of a second
# range: 2..400 grew (\d+)
count() { grep -w "$1" /proc/interrupts | tr -s ' ' | cut -d' ' -f$(($2 + 3)); }
for cpu in 0 1; do
    echo $cpu > /proc/irq/23/smp_affinity_list
    sleep 0.2
    here=$(count eth0 $cpu); there=$(count eth0 $((1 - cpu)))
    sleep 0.33
    echo "grew $(($(count eth0 $cpu) - here)) elsewhere $(($(count eth0 $((1 - cpu))) - there))"
done
echo 3 > /proc/irq/23/smp_affinity
