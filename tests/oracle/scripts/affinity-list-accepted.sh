# board: q35
# proves: the spellings of a CPU list that smp_affinity_list takes: ranges, groups, all, N, blanks and stray commas
f=/proc/irq/25/smp_affinity_list
for list in 0-1 0 1 0,1 1,0 all N 0-N N-N 0-0 0-1:1/2 0,,1 ,0 0, ' 1' '1 ' '0 1' 01 0-1; do
    echo "$list" > $f
    echo "[$list] $? $(cat $f) $(cat /proc/irq/25/smp_affinity)"
done
