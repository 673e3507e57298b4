# board: q35
# proves: a count only grows, and the total of the line in /proc/stat grows with it
total() { set -- $(grep -w eth0 /proc/interrupts); echo $(($2 + $3)); }
stat() { grep ^intr /proc/stat | cut -d' ' -f26; }
a=$(total); s=$(stat)
sleep 0.3
b=$(total); t=$(stat)
[ "$b" -gt "$a" ] && echo the row grows
[ "$t" -gt "$s" ] && echo the total grows
d=$((b - t)); [ "${d#-}" -le 20 ] && echo they agree
