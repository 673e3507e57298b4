# board: pc
# proves: ethtool -k of e1000 and e1000e: which features there are, which are on, and which are fixed
ethtool -k eth0
ethtool -k eth1
