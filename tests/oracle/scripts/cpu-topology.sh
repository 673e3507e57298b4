# board: q35
# proves: package, core and siblings of every CPU as irqbalance reads them
for cpu in 0 1; do
    cd /sys/devices/system/cpu/cpu$cpu/topology
    echo "$cpu: $(cat physical_package_id) $(cat core_id) $(cat thread_siblings_list)"
done
