# board: wired
# proves: headers that pktgen steps through: ports, addresses, sizes, MAC offsets and destinations by turns, and where each stands after so many packets
touch /tmp/quiet
for d in eth0 eth1 eth2 eth3; do while [ "$(cat /sys/class/net/$d/carrier)" != 1 ]; do sleep 0.1; done; done
insmod /lib/modules/pktgen.ko
cd /proc/net/pktgen
run() {
    echo "-- $*"
    echo add_device eth1 > kpktgend_0
    echo "dst_mac $(cat /sys/class/net/eth0/address)" > eth1
    for word in "$@"; do echo $word > eth1; done
    echo start > pgctrl
    grep -E 'pkts-sofar|seq_num|cur_|flows: ' eth1
    grep -o '[0-9]* ([0-9]*byte,[-0-9]*frags)' eth1
    echo rem_device_all > kpktgend_0
}
run 'count 1' 'udp_src_min 10' 'udp_src_max 13'
run 'count 2' 'udp_src_min 10' 'udp_src_max 13' 'udp_dst_min 7' 'udp_dst_max 9'
run 'count 5' 'udp_src_min 10' 'udp_src_max 13' 'udp_dst_min 7' 'udp_dst_max 9'
run 'count 3' 'src_min 10.0.0.1' 'src_max 10.0.0.3' 'dst_min 10.9.0.255' 'dst_max 10.9.1.1'
run 'count 4' 'src_min 10.0.0.1' 'src_max 10.0.0.3' 'dst_min 10.9.0.255' 'dst_max 10.9.1.1'
run 'count 3' 'min_pkt_size 100' 'max_pkt_size 102'
run 'count 4' 'min_pkt_size 100' 'max_pkt_size 102' 'frags 2'
run 'count 5' 'src_mac_count 3' 'dst_mac_count 1'
run 'count 10' 'flows 4' 'flowlen 3' 'flag FLOW_SEQ' 'dst_min 10.0.0.1' 'dst_max 10.0.0.200'
run 'count 10' 'clone_skb 3' 'udp_src_min 10' 'udp_src_max 100'
run 'count 7' 'clone_skb 100' 'burst 5' 'udp_src_min 10' 'udp_src_max 100'
rmmod pktgen
rm /tmp/quiet
