# board: q35
# proves: which lines /proc/stat has, and how many numbers each
# differs: the twin's boards have no 8259, whose 16 lines count in nr_irqs
while read -r name numbers; do
    set -- $numbers
    echo "$name $#"
done < /proc/stat
