# board: pc
# proves: what ethtool says of an interface that is not there
for option in -c -g -l -x -i -k -S; do
    ethtool $option eth9; echo "$option $?"
done
