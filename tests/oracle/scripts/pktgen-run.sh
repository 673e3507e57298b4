# board: wired
# proves: packets of pktgen: each is sent once, received once at the other end of the cable and counted once in softnet_stat; what the device's file says of a run; no errors and no drops
# range: 0..99999999 (\d+)us  stopped
# range: 0..99999999 stopped: (\d+)us
# range: 0..99999999 idle: (\d+)us
# range: 1..99999999 ^Result: OK: (\d+)\(c(\d+)\+d\d+\) usec
# range: 0..99999999 ^Result: OK: \d+\(c\d+\+d(\d+)\) usec
# range: 0..99999999 ^Result: OK: #\(c#\+d(\d+)\) usec
# range: 1..9999999999 ^  (\d+)pps \d+Mb/sec \(\d+bps\) errors
# range: 0..9999999999 ^  #pps (\d+)Mb/sec \((\d+)bps\) errors
touch /tmp/quiet
for d in eth0 eth1 eth2 eth3; do while [ "$(cat /sys/class/net/$d/carrier)" != 1 ]; do sleep 0.1; done; done
insmod /lib/modules/pktgen.ko
cd /proc/net/pktgen
# FROM TO
pair() {
    echo add_device $1 > kpktgend_0
    echo dst_mac $(cat /sys/class/net/$2/address) > $1
    before=$((0x$(cut -d' ' -f1 /proc/net/softnet_stat)))
    received=$(cat /sys/class/net/$2/statistics/rx_packets)
    sent=$(cat /sys/class/net/$1/statistics/tx_packets)
    echo start > pgctrl; echo $?
    cat $1 kpktgend_0
    echo "$2 received $(($(cat /sys/class/net/$2/statistics/rx_packets) - received)), $1 sent $(($(cat /sys/class/net/$1/statistics/tx_packets) - sent))"
    echo "softnet processed $((0x$(cut -d' ' -f1 /proc/net/softnet_stat) - before))"
    cut -d' ' -f2,3,9-11 /proc/net/softnet_stat
    cat /sys/class/net/$2/statistics/rx_missed_errors
    echo rem_device_all > kpktgend_0
}
pair eth1 eth0
pair eth0 eth1
pair eth2 eth3
pair eth3 eth2
rmmod pktgen
rm /tmp/quiet
