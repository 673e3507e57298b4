# board: q35
# proves: the files of processors set apart: isolated is an empty list without isolcpus=, and nohz_full a mask that is not there
cat /sys/devices/system/cpu/isolated /sys/devices/system/cpu/nohz_full
