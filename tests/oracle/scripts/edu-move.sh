# board: pc
# proves: a message moves with its own next interrupt, which still arrives on the old CPU
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t edu msi
line=$(grep -w edu /proc/interrupts | tr -d ' ' | cut -d: -f1)
cd /proc/irq/$line
count() { set -- $(grep -w edu /proc/interrupts); echo "$2 $3"; }
for cpu in 0 1 0 1; do echo $cpu > smp_affinity_list; t edu raise 1; cat effective_affinity_list; done > /dev/null
# With one more the old vector is given back, by the other processor, before it moves again.
t edu raise 1 > /dev/null
sleep 0.2
set -- $(count)
first=$1 second=$2
echo 0 > smp_affinity_list
cat smp_affinity_list effective_affinity_list
t edu raise 1
cat effective_affinity_list
t edu raise 2
set -- $(count)
echo "CPU0 +$(($1 - first)), CPU1 +$(($2 - second))"
cd /
t edu off
rmmod tophalf_test
