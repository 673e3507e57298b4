insmod /lib/modules/edu.ko
grep -w edu /proc/interrupts
echo 5 > /proc/edu
sleep 0.1
echo 3 > /proc/edu
sleep 0.1
cat /proc/edu
grep -w edu /proc/interrupts
rmmod edu
cat /proc/edu 2>&1
