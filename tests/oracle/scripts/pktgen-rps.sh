# board: wired-2
# proves: rps_cpus under traffic: which processor's softnet_stat counts the packets, that the other one is told by interrupts, and that nothing is dropped
# range: 1..200 told (\d+) times
touch /tmp/quiet
for d in eth0 eth1 eth2 eth3; do while [ "$(cat /sys/class/net/$d/carrier)" != 1 ]; do sleep 0.1; done; done
insmod /lib/modules/pktgen.ko
for irq in $(grep -E 'eth[0-3]|virtio' /proc/interrupts | sed 's/:.*//'); do echo 1 > /proc/irq/$irq/smp_affinity; done 2>/dev/null
sleep 0.2
cd /proc/net/pktgen
column() { sed -n "$(($1 + 1))p" /proc/net/softnet_stat | cut -d' ' -f$2; }
for pair in 'eth1 eth0' 'eth2 eth3'; do
    set -- $pair
    echo add_device $1 > kpktgend_0
    # The first run lets lines move to processor 0, which they do with their next interrupt.
    for word in "dst_mac $(cat /sys/class/net/$2/address)" 'count 200'; do echo $word > $1; done
    echo start > pgctrl
    for cpus in 0 1 2; do
        echo $cpus > /sys/class/net/$2/queues/rx-0/rps_cpus
        cat /sys/class/net/$2/queues/rx-0/rps_cpus
        for cpu in 0 1; do eval "p$cpu=$((0x$(column $cpu 1))) i$cpu=$((0x$(column $cpu 10)))"; done
        echo start > pgctrl
        # A machine among others gets its turn late; all frames have room in the ring until then.
        for tries in 1 2 3 4 5 6 7 8 9 10; do
            [ $((0x$(column 0 1) + 0x$(column 1 1) - p0 - p1)) -ge 200 ] || sleep 0.5
        done
        echo "processed $((0x$(column 0 1) - p0)) $((0x$(column 1 1) - p1)), processor 0 told $((0x$(column 0 10) - i0))"
        told=$((0x$(column 1 10) - i1))
        [ $told = 0 ] && echo "processor 1 not told" || echo "processor 1 told $told times"
        echo "dropped $((0x$(column 0 2))) $((0x$(column 1 2)))"
    done
    echo 0 > /sys/class/net/$2/queues/rx-0/rps_cpus
    echo rem_device_all > kpktgend_0
done
rmmod pktgen
rm /tmp/quiet
