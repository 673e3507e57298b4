# board: q35
# proves: every refusal of a CPU list by smp_affinity_list, its error text and status
f=/proc/irq/25/smp_affinity_list
echo 0-1 > $f
for list in 2 0-2 63 1-0 0- -1 a '' +1 0x1 99999999999 0-1:2/1 0-1:0/1 0-1:1/0 0-1:1 0-1:/2 '0-' 0..1 N-0; do
    echo "$list" > $f
    echo "[$list] $? $(cat $f)"
done 2>&1
