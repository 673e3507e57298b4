# board: pc
# proves: irq_update_affinity_hint: a driver's wish shows, and moves nothing
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t edu msi
line=$(grep -w edu /proc/interrupts | tr -d ' ' | cut -d: -f1)
cd /proc/irq/$line
echo 1 > smp_affinity
t edu raise 1
cat affinity_hint smp_affinity
t edu hint 2
cat affinity_hint smp_affinity effective_affinity
t edu hint 0
cat affinity_hint
cd /
t edu off
rmmod tophalf_test
