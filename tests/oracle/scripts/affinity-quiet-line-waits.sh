# board: q35
# proves: without interrupt remapping a line that does not interrupt does not move: smp_affinity has the new mask, effective_affinity the old CPU
cd /proc/irq/28
old=$(cat effective_affinity_list)
new=$((1 - old))
echo $new > smp_affinity_list
sleep 0.1
[ "$(cat smp_affinity_list)" = "$new" ] && echo asked
[ "$(cat effective_affinity_list)" = "$old" ] && echo stays
echo 3 > smp_affinity
