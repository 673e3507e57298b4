# board: pc
# proves: ethtool --json, which version 6.1 knows for -a (where it calls everything true) and -k alone, and -K of a feature that is named twice
ethtool -A eth0 autoneg off rx off tx off
ethtool --json -a eth0
ethtool --json -k eth0
ethtool -K eth1 sg off
ethtool --json -k eth1
ethtool -K eth1 sg on tso on tx-tcp6-segmentation on; echo $?
ethtool -K eth1 tso off tx-tcp-segmentation on; echo $?
ethtool -K eth1 tx-tcp-segmentation off tso on; echo $?
ethtool -k eth1 | grep tcp
# as it was
ethtool -K eth1 tx-tcp-mangleid-segmentation off; echo $?
for option in -c -g -l -x -i -S -n; do
    ethtool --json $option eth0; echo "$option $?"
done
ethtool --json -a eth9; echo $?
ethtool --json -k eth9; echo $?
ethtool --json -k eth0 more; echo $?
ethtool --json eth0; echo $?
ethtool --json -k; echo $?
ethtool --json; echo $?
ethtool -k --json eth0; echo $?
