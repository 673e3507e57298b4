# board: q35
# proves: default_smp_affinity prints and takes hex masks, refuses what smp_affinity refuses, and there is no list form of it
f=/proc/irq/default_smp_affinity
for mask in 3 1 2 0 4 g '' 0x1 00000003 00000000,00000001 2; do
    echo "$mask" > $f
    echo "[$mask] $? $(cat $f)"
done 2>&1
echo 3 > $f
cat $f
cat ${f}_list
