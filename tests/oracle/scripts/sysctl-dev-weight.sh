# board: q35
# proves: net.core.dev_weight and its biases: defaults, what they take and refuse on 6.1
cd /proc/sys/net/core
for f in dev_weight dev_weight_rx_bias dev_weight_tx_bias; do
cat $f
for v in 16 0 -1 x 99999999999 ""; do
echo $v > $f
echo "$v $?"
cat $f
done
echo 64 > $f
done
