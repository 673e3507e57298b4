# board: pc
# proves: a level line that stays active storms: cut at exactly 100 000 interrupts, while the other CPU goes on; a new request of the line heals it
# range: 1..9 ^interrupts now: (\d+)$
# again: an interrupt more than 100 ms behind the last starts the count over, and the host may be that slow
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
touch /tmp/quiet; sleep 0.2
dmesg -c > /dev/null
total() { set -- $(grep '^ 10:' /proc/interrupts); echo $(($2 + $3)); }
t edu intx
t edu raise 1
t edu deaf
before=$(total)
t edu raise 1
while ! dmesg | grep -q Disabling; do sleep 0.1; done
echo "interrupts: $(($(total) - before))"
head -2 /proc/irq/10/spurious
dmesg | sed 's/^\[[^]]*\] //; s/<.*>/<>/' | grep -E 'nobody|handlers|^<|\] e|Disabling'
# Every 100 ms a timer asks the handlers of lines that were cut.
echo edu hear > /proc/tophalf_test
sleep 0.3
cat /proc/tophalf_test
t edu off
t edu intx
before=$(total)
t edu raise 1
echo "interrupts now: $(($(total) - before))"
t edu off
rm /tmp/quiet
rmmod tophalf_test
