# board: pc
# proves: a line has room for 64 ONESHOT actions, and for any number of others
insmod /lib/modules/tophalf_test.ko
t() { echo "> $*"; echo "$*" > /proc/tophalf_test; cat /proc/tophalf_test; }
t flow 49 level
t crowd 49 70 shared oneshot thread
t disperse 49
t crowd 49 70 shared
t raise 49 | grep -c handler
t disperse 49
t state 49
rmmod tophalf_test
