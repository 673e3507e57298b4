# board: q35
# proves: the softirq line of /proc/stat begins with the sum of the ten that follow
set -- $(grep ^softirq /proc/stat)
shift
sum=$1; shift
for n in "$@"; do sum=$((sum - n)); done
echo "$# $sum"
