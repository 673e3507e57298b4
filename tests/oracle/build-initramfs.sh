#!/usr/bin/env bash
# Builds TREE.cpio: busybox, ethtool and ip with their libraries, the modules of the machine's devices, and the agent as init.
# The test module is built too where a compiler is there; without it TREE.cpio lacks it and its scripts are skipped.
# Usage: build-initramfs.sh KERNEL TREE     (KERNEL holds an unpacked kernel package, KERNEL/release its release)
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
kernel=$1
tree=$2
release=$(cat "$kernel/release")
modules=$kernel/lib/modules/$release/kernel

# What is loaded at boot, in this order; each after what it depends on.
wanted=(e1000 e1000e virtio_pci virtio_net virtio_blk nvme 8021q)
# What scripts load themselves.
carried=(pktgen)

rm -rf "$tree"
mkdir -p "$tree"/{bin,dev,etc,lib/modules,lib64,proc,run,sys,tmp}
cp "$(readlink -f "$(command -v busybox)")" "$tree/bin/busybox"
for program in ethtool ip; do
    file=$(readlink -f "$(command -v $program || echo /usr/sbin/$program)")
    cp "$file" "$tree/bin/$program"
    ldd "$file" | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$tree$(dirname "$library")"
        cp -L "$library" "$tree$library"
    done
done

loaded=" "
add() {
    local name=$1 file needs dependency
    [[ $loaded != *" $name "* ]] || return 0
    loaded="$loaded$name "
    file=$(find "$modules" -name "$name.ko" -o -name "${name//_/-}.ko" | head -1)
    [[ -n $file ]] || { echo "no module $name" >&2; return 0; } # built into the kernel
    needs=$(tr '\0' '\n' <"$file" | sed -n 's/^depends=//p' | tr ',' ' ')
    for dependency in $needs; do add "$dependency"; done
    cp "$file" "$tree/lib/modules/$name.ko"
    echo "$name" >>"$tree/lib/modules/order"
}
for name in "${wanted[@]}"; do add "$name"; done
for name in "${carried[@]}"; do cp "$(find "$modules" -name "$name.ko")" "$tree/lib/modules/"; done

if build=$(mktemp -d "$tree.module.XXXX") && cp "$here"/module/* "$build/" &&
    make -s -C "$kernel/usr/src/linux-headers-$release" M="$build" modules; then
    strip --strip-debug -o "$tree/lib/modules/tophalf_test.ko" "$build/tophalf_test.ko" # loaded by the scripts that use it
fi
rm -rf "$build"

install -m 755 "$here/initramfs/init" "$tree/init"
install -m 755 "$here/initramfs/agent" "$tree/bin/agent"
(cd "$tree" && find . | LC_ALL=C sort | busybox cpio -o -H newc -R 0:0) >"$tree.cpio.new"
mv "$tree.cpio.new" "$tree.cpio"
