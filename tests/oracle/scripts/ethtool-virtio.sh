# board: q35
# proves: ethtool on a virtio_net of 6.1: what of its features does not hang on the host's own card, statistics by name, rings, flow rules, pause frames, coalescing, and what is refused
# erase: ^expansion-rom-version:(.*)$
features() { ethtool -k eth2 | grep -E 'vlan|lro|large|gro-list|ntuple|hashing|highdma|nocache|loopback'; }
ethtool -i eth2
features
ethtool -S eth2 | cut -d: -f1
ethtool -g eth2
ethtool -G eth2 rx 128; echo $?
ethtool -G eth2 tx 128; echo $?
ethtool -G eth2 rx 100; echo $?
ethtool -G eth2 rx 512; echo $?
ethtool -g eth2
ethtool -n eth2
ethtool -a eth2
ethtool -c eth2
for p in "rx-usecs 50" "tx-usecs 50" "rx-frames 0" "rx-frames 2" "rx-frames 1" "tx-frames 0" "tx-frames 1" "tx-frames 64" "adaptive-rx on" "rx-usecs-irq 1" "rx-usecs 0" "tx-usecs 0"; do
echo $p
ethtool -C eth2 $p 2>&1; echo $?
done
ethtool -c eth2
for p in "rx off" "lro on" "gro off"; do ethtool -K eth2 $p; echo $?; done
features
