# board: q35
# proves: the files below /proc/irq/N and the directory of each handler's name
for irq in 1 4 8 9 12 23 24 25 26 27 28 29 30 31 32 33 34 35; do
    echo $irq: $(ls /proc/irq/$irq)
done
