# board: pc
# proves: ethtool on a card that signals by its wire: driver, rings, moderation and what it refuses
# erase: ^version: (.*)$
# erase: ^firmware-version: (.*)$
ethtool -i eth0
ethtool -g eth0
ethtool -c eth0
ethtool -C eth0 rx-usecs 5
ethtool -C eth0 rx-usecs 100
ethtool -c eth0
ethtool -C eth0 rx-frames 3
ethtool -C eth0 rx-usecs 3
ethtool -l eth0
ethtool -x eth0
ethtool -n eth0
