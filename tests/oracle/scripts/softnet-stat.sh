# board: q35
# proves: /proc/net/softnet_stat has a line of thirteen columns of eight hex digits per CPU on 6.1 (fifteen since 6.10), the CPU's number in the thirteenth
# range: 0..99999999 ^([0-9a-f]{8})
while read -r processed rest; do echo "$rest"; done < /proc/net/softnet_stat | cut -d' ' -f1,12-
wc -l < /proc/net/softnet_stat
