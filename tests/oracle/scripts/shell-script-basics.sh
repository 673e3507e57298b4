# board: q35
# proves: the shell of tuning scripts: loops, arithmetic, quoting, substitution, case, functions, exit status
f() { echo "$# $1 $2"; return 3; }
f a 'b c'; echo $?
i=0; while [ $i -lt 3 ]; do i=$((i + 1)); case $i in 2) continue ;; esac; echo "i=$i"; done
for x in "a b" c; do echo "<$x>"; done
v=hello.world; echo "${v%.*} ${v#*.} ${#v} ${none:-default}"
echo "$(echo nested $(echo deeper))"
false || echo or; true && echo and; ! true; echo $?
echo 'a   b' | tr -s ' ' | cut -d' ' -f2
printf '%3d|%-3s|%x\n' 7 ab 255
(exit 5); echo $?
echo $((0x10 + 010)) $((7 / 2)) $((7 % 4)) $((1 << 4))
