# board: q35
# proves: the NET_RX budget files: defaults, what they take and refuse
cd /proc/sys/net/core
cat netdev_budget netdev_budget_usecs
echo 600 > netdev_budget; cat netdev_budget
echo x > netdev_budget; echo $?
echo 300 > netdev_budget; cat netdev_budget
