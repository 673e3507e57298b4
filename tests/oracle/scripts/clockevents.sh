# board: q35 pc pc-options
# proves: /sys/devices/system/clockevents: each processor's tick comes from its local APIC, and the timer that it replaced, the HPET or with hpet=disable the PIT, is the broadcast device, which does not interrupt while nobody's timer stops
cd /sys/devices/system/clockevents
# QEMU's processor has no deadline mode.
for device in broadcast clockevent0 clockevent1; do echo $device: $(sed s/-deadline// $device/current_device); done
total() { set -- $(grep 'timer$' /proc/interrupts); echo $(($2 + $3)); }
before=$(total)
sleep 0.3
echo the timer interrupted $(($(total) - before)) times
