# board: q35
# proves: /sys/kernel/irq/N: its files, chip_name, hwirq, flow name, type, wakeup and the names of the actions
for irq in 1 4 8 9 12 23 24 25 28 33; do
    cd /sys/kernel/irq/$irq
    echo $irq: $(ls)
    echo $(cat actions chip_name hwirq name type wakeup)
done
