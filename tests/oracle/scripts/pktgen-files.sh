# board: wired
# proves: the files of pktgen: what they show, which interfaces a thread takes, what is refused and with which words, and that they go with the module
insmod /lib/modules/pktgen.ko
cd /proc/net/pktgen
ls
cat pgctrl kpktgend_0
echo add_device eth1 > kpktgend_0; echo $?
cat eth1 kpktgend_0
echo add_device eth1 > kpktgend_0; echo $?
cat kpktgend_0
echo add_device eth9 > kpktgend_0; echo $?
cat kpktgend_0
echo add_device eth1@more > kpktgend_0; echo $?
cat kpktgend_0
ls
echo nonsense > kpktgend_0; echo $?
echo max_before_softirq 10 > kpktgend_0; echo $?
cat kpktgend_0
echo nonsense > pgctrl; echo $?
printf stop > pgctrl; echo $?
echo nonsense 3 > eth1; echo $?
tail -n 1 eth1
echo count=3 > eth1; echo $?
tail -n 1 eth1
echo rem_device_all > kpktgend_0; echo $?
cat kpktgend_0
ls
cd /
rmmod pktgen; echo $?
ls /proc/net/pktgen
