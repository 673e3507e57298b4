# board: pc
# proves: a level line that stays active storms: cut at exactly 100 000 interrupts, while the other CPU goes on; a new request of the line heals it
# golden: the twin has no test module yet
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
touch /run/quiet; sleep 0.2
dmesg -c > /dev/null
total() { set -- $(grep '^ 10:' /proc/interrupts); echo $(($2 + $3)); }
t edu intx
t edu raise 1
before=$(total)
t edu deaf
t edu raise 1
while ! dmesg | grep -q Disabling; do sleep 0.1; done
echo "interrupts: $(($(total) - before))"
head -2 /proc/irq/10/spurious
dmesg | sed 's/^\[[^]]*\] //; s/<.*>/<>/' | grep -E 'nobody|handlers|^<|\] e|Disabling'
t edu hear
sleep 0.3
t edu off
t edu intx
before=$(total)
t edu raise 1
echo "interrupts: $(($(total) - before))"
t edu off
rm /run/quiet
rmmod tophalf_test
