# board: pc
# proves: ethtool -i: names and order of its lines, the driver and where the device is
# erase: ^version: (.*)$
# erase: ^firmware-version: (.*)$
ethtool -i eth1
