# board: pc-counted
# proves: the granules of the timer wheel at HZ=250: after how many jiffies timers of each level fire, armed at three places of the wheel (63, 504 and 4032, where one level ends, depend on whether another timer has just fired)
insmod /lib/modules/tophalf_test.ko
touch /tmp/quiet
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t wheel 0 0 1 2 61 62 64 65 250 502 503 505 506
sleep 3
t fired
t wheel 137 1 61 62 64 250 502 503 505 506 567 568 569
sleep 3
t fired
t wheel 300 250 1000 2000 4030 4031 4033 5000 8000
sleep 9
t fired
sleep 30
t fired
rm /tmp/quiet
rmmod tophalf_test
