# board: q35
# proves: one write(2) is one mask: no newline is needed, text behind the first line is not read, and nothing written changes nothing
f=/proc/irq/25/smp_affinity
printf 1 > $f; echo "$? $(cat $f)"
printf '2\nxx' > $f; echo "$? $(cat $f)"
printf '' > $f; echo "$? $(cat $f)"
printf '3\n' > $f; echo "$? $(cat $f)"
echo -n 1 > $f; echo "$? $(cat $f)"
printf '%s\n' 3 > $f; echo "$? $(cat $f)"
