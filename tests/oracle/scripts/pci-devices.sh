# board: pc
# proves: /sys/bus/pci/devices of network cards: class, vendor, device, node, processors near to it, who has it, and its interrupts
for d in 0000:00:05.0 0000:00:06.0; do
cd /sys/bus/pci/devices/$d
cat class vendor device numa_node local_cpulist local_cpus
grep -E '^(DRIVER|PCI_CLASS|PCI_ID|PCI_SLOT_NAME)=' uevent
ls net
ls msi_irqs | wc -l
cat msi_irqs/* | sort -u
done
ls /sys/bus/pci/drivers/e1000e | grep :
cat /sys/class/net/eth1/device/class
