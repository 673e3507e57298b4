# board: q35
# proves: header, rows and columns of /proc/softirqs
# range: 0..10000000 ^ *\w+:( +\d+)+$
cat /proc/softirqs
