# board: q35
# proves: the spellings of a hex mask that smp_affinity takes, and how it prints what it took
f=/proc/irq/25/smp_affinity
for mask in 3 1 2 03 00000003 ,3 3, ' 3' '3 ' 2; do
    echo "$mask" > $f
    echo "[$mask] $? $(cat $f) $(cat ${f}_list)"
done
echo 3 > $f
