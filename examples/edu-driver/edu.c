// SPDX-License-Identifier: GPL-2.0
/* The driver that Program.cs mirrors: QEMU's edu device, raised by a write to /proc/edu. Linux 6.1. */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#define STATUS		0x24
#define RAISE		0x60
#define ACKNOWLEDGE	0x64

static struct pci_dev *dev;
static void __iomem *bar0;
static u32 interrupts, last;

static irqreturn_t handle(int irq, void *id)
{
	u32 status = readl(bar0 + STATUS);

	if (!status)
		return IRQ_NONE;
	writel(status, bar0 + ACKNOWLEDGE);
	interrupts++;
	last = status;
	return IRQ_HANDLED;
}

static int show(struct seq_file *m, void *v)
{
	seq_printf(m, "%u interrupts, last status %u\n", interrupts, last);
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	return single_open(file, show, NULL);
}

static ssize_t raise(struct file *file, const char __user *text, size_t count, loff_t *offset)
{
	u32 bits;
	int error = kstrtouint_from_user(text, count, 10, &bits);

	if (error)
		return error;
	writel(bits, bar0 + RAISE);
	return count;
}

static const struct proc_ops operations = {
	.proc_open = open, .proc_read = seq_read, .proc_lseek = seq_lseek, .proc_release = single_release, .proc_write = raise,
};

static int __init edu_init(void)
{
	int error;

	dev = pci_get_device(0x1234, 0x11e8, NULL);
	if (!dev)
		return -ENODEV;
	error = pci_enable_device(dev);
	if (error)
		goto put;
	pci_set_master(dev);
	bar0 = pci_iomap(dev, 0, 0);
	error = pci_alloc_irq_vectors(dev, 1, 1, PCI_IRQ_MSI | PCI_IRQ_LEGACY);
	if (error > 0)
		error = request_irq(pci_irq_vector(dev, 0), handle, IRQF_SHARED, "edu", dev);
	if (error)
		goto disable;
	proc_create("edu", 0644, NULL, &operations);
	return 0;
disable:
	pci_free_irq_vectors(dev);
	pci_iounmap(dev, bar0);
	pci_disable_device(dev);
put:
	pci_dev_put(dev);
	return error;
}

static void __exit edu_exit(void)
{
	remove_proc_entry("edu", NULL);
	free_irq(pci_irq_vector(dev, 0), dev);
	pci_free_irq_vectors(dev);
	pci_iounmap(dev, bar0);
	pci_disable_device(dev);
	pci_dev_put(dev);
}

module_init(edu_init);
module_exit(edu_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Counts the interrupts of QEMU's edu device");
