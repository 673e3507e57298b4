# board: q35
# proves: every refusal of a hex mask by smp_affinity, its error text and status, and that the mask stays as it was
f=/proc/irq/25/smp_affinity
echo 3 > $f
for mask in 0x3 g -1 '' 0 00000000 4 7 f 80000000 00000000,00000003 000000003 3,3 '1 2' zz 1g; do
    echo "$mask" > $f
    echo "[$mask] $? $(cat $f)"
done 2>&1
