# board: wired
# proves: every parameter of a device of pktgen, what it answers and how it shows: numbers that are too small, too large or none, names of flags and modes, addresses
insmod /lib/modules/pktgen.ko
cd /proc/net/pktgen
echo add_device eth1 > kpktgend_0
set_one() {
    echo "$*" > eth1 || echo "refused"
    tail -n 4 eth1
}
for word in 'count 5' 'count 0' 'count x' 'count' 'delay 100' 'delay 2147483647' 'delay 0' 'rate 100' 'ratep 1000' 'pkt_size 64' 'pkt_size 10' 'min_pkt_size 60' \
    'max_pkt_size 100' 'rate 100' 'clone_skb 10' 'clone_skb 0' 'burst 8' 'burst 0' 'frags 2' 'debug 0' 'node 0' 'node 99' 'skb_priority 3' 'tos 1f' 'tos 1' 'tos zz' \
    'udp_src_min 1000' 'udp_src_max 1010' 'udp_dst_min 70000' 'udp_dst_max 9' 'src_mac_count 3' 'dst_mac_count 4' 'flows 10' 'flows 100000' 'flowlen 30' \
    'queue_map_min 1' 'queue_map_max 2' 'dst 10.0.0.1' 'dst_min 10.0.0.2' 'dst_max 10.0.0.9' 'src_min 10.1.0.1' 'src_max 10.1.0.5' \
    'dst_mac 02:00:00:00:00:01' 'dst_mac 02:00' 'src_mac 02:00:00:0a:0B:0c' 'vlan_p 3' 'vlan_id 5' 'vlan_p 3' 'vlan_p 9' 'vlan_cfi 1' 'vlan_cfi 2' 'svlan_id 6' 'svlan_p 2' 'svlan_cfi 1' \
    'flag IPSRC_RND' 'flag UDPSRC_RND' 'flag QUEUE_MAP_CPU' 'flag !IPSRC_RND' 'flag FLOW_SEQ' 'flag FLOW_RND' 'flag NODE' 'flag IPV6' 'flag nonsense' \
    'xmit_mode queue_xmit' 'burst 4' 'xmit_mode start_xmit' 'xmit_mode nonsense' 'clear_counters'
do
    echo "-- $word"
    set_one $word
done
cat eth1
set_one svlan_id 5000
set_one vlan_id 5000
cat eth1
echo rem_device_all > kpktgend_0
rmmod pktgen
