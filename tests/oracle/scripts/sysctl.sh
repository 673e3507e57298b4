# board: q35
# proves: sysctl: the files of /proc/sys by their names with dots, what it sets, refuses and calls unknown
sysctl net.core.netdev_budget net.core.netdev_max_backlog
sysctl -n net.core.netdev_budget; echo $?
sysctl -w net.core.netdev_budget=600; echo $?
sysctl net/core/netdev_budget
sysctl -q net.core.netdev_budget=300; echo $?
sysctl -n net.core.netdev_budget=301
cat /proc/sys/net/core/netdev_budget
sysctl "net.core.netdev_budget= 300"
sysctl net.core.nosuch; echo $?
sysctl -e net.core.nosuch; echo $?
sysctl -w net.core.nosuch=1; echo $?
sysctl kernel.nosuch.x=3; echo $?
sysctl -w net.core.netdev_budget; echo $?
sysctl net.core.netdev_budget=many; echo $?
sysctl =3; echo $?
sysctl -n kernel.watchdog_thresh
echo 400 | tee /proc/sys/net/core/netdev_budget; echo $?
echo many | tee /proc/sys/net/core/netdev_budget; echo $?
cat /proc/sys/net/core/netdev_budget
sh -c 'echo 300 > /proc/sys/net/core/netdev_budget; cat $1 /proc/sys/net/core/netdev_budget' name -n
