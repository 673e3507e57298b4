# board: q35
# proves: which lines /proc/stat has, and how many numbers each
while read -r name numbers; do
    set -- $numbers
    echo "$name $#"
done < /proc/stat
