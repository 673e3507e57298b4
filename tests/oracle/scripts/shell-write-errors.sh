# board: q35
# proves: which programs say that a write was refused: echo does, printf keeps silent, cat names itself; all of them fail
f=/proc/irq/25/smp_affinity
echo 9 > $f; echo $?
printf 9 > $f; echo $?
echo -n 9 > $f; echo $?
echo 9 | cat > $f; echo $?
echo 1 > /proc/interrupts; echo $?
echo 1 > /proc/interrupts || echo refused
if echo 9 > $f; then echo taken; else echo left; fi
