# board: q35
# proves: the ways tuning guides find the interrupt of a device and print its mask
irq=$(grep eth1-rx-0 /proc/interrupts | cut -d: -f1 | tr -d ' ')
echo $irq
for d in /proc/irq/*/eth1*; do echo $d; done
for irq in $(grep virtio1 /proc/interrupts | cut -d: -f1); do echo "$irq $(cat /proc/irq/$irq/spurious | head -1)"; done
grep -c PCI-MSI /proc/interrupts
