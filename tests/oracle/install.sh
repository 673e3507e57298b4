#!/usr/bin/env bash
# Fetches what the oracle needs, a real Linux kernel booted in QEMU and its PREEMPT_RT form, into out/oracle below the project's root, and builds an initramfs for each.
#
# Debian only, and as root only, for packages that are missing: qemu-system-x86, busybox-static, ethtool, iproute2, gcc, make. The kernel and its headers are
# unpacked below out/oracle and installed nowhere, so /boot and the machine's own initramfs stay as they are.
# Bochs is a second opinion on the bare-metal guest, taken where it can be had.
# Never fails: where something is missing, the reason is left in out/oracle/unavailable (or unavailable-rt) for the tests to skip with.
# Usage: install.sh [--quiet]
set -uo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
root=$(readlink -f "$here/../..")
out=$root/out/oracle
patience=240 # seconds for each download

quiet=${1:-}
say() { [[ $quiet == --quiet ]] || echo "oracle: $1" >&2; }

unavailable() {
    echo "$1" >"$out/unavailable"
    say "$1; its tests are skipped"
    exit 0
}

mkdir -p "$out" || exit 0
rm -f "$out/unavailable"
exec 9>"$out/lock"
flock -w 600 9 || exit 0

wanted=()
command -v qemu-system-x86_64 >/dev/null || wanted+=(qemu-system-x86)
# The initramfs has no libraries for busybox, so a dynamic one will not do.
if ! command -v busybox >/dev/null || ldd "$(command -v busybox)" >/dev/null 2>&1; then wanted+=(busybox-static); fi
[[ -x /usr/sbin/ethtool || -x /sbin/ethtool ]] || wanted+=(ethtool)
[[ -x /usr/sbin/ip || -x /sbin/ip ]] || wanted+=(iproute2)
command -v gcc >/dev/null || wanted+=(gcc)
command -v make >/dev/null || wanted+=(make)

opinion=()
command -v bochs >/dev/null || opinion=(bochs bochsbios bochs-term)

# A kernel that was unpacked has all modules that are wanted: FOLDER below out/oracle.
complete() { [[ -s $out/$1/release && -d $out/$1/lib/modules/$(cat "$out/$1/release")/kernel/net/8021q ]]; }

# What could not be had today is asked for again tomorrow.
tried=$(find "$out/unavailable-rt" -mtime -1 2>/dev/null)

if [[ ${#wanted[@]} -gt 0 ]] || ! complete kernel || { ! complete kernel-rt && [[ -z $tried ]]; }; then
    command -v apt-get >/dev/null || unavailable "not a Debian machine: no apt-get to fetch ${wanted[*]:-a kernel} with"
    [[ $(id -u) -eq 0 || ${#wanted[@]} -eq 0 ]] || unavailable "not root, and missing: ${wanted[*]}"
    [[ $(id -u) -ne 0 ]] || timeout "$patience" apt-get update -qq >/dev/null 2>&1
fi
if [[ ${#wanted[@]} -gt 0 ]]; then
    DEBIAN_FRONTEND=noninteractive timeout "$patience" apt-get install -y -qq --no-install-recommends "${wanted[@]}" >"$out/install.log" 2>&1 ||
        unavailable "apt-get install ${wanted[*]} failed: see out/oracle/install.log"
fi

if [[ ${#opinion[@]} -gt 0 && $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive timeout "$patience" apt-get install -y -qq --no-install-recommends "${opinion[@]}" >>"$out/install.log" 2>&1 ||
        say "$quiet" "no Bochs to be had; its comparisons are skipped"
fi

# The newest package a metapackage stands for: "linux-image-amd64" -> "linux-image-6.1.0-56-amd64".
stands_for() { apt-cache depends "$1" 2>/dev/null | sed -n 's/^ *Depends: \(linux-.*\)$/\1/p' | head -1; }

# Unpacks a kernel and what modules are built with: FOLDER below out/oracle, METAPACKAGE of the image, METAPACKAGE of the headers. Where it cannot, the reason is in $why.
fetch() {
    local final=$out/$1 kernel=$out/$1.new image headers common kbuild deb release
    ! complete "$1" || return 0
    image=$(stands_for "$2")
    headers=$(stands_for "$3")
    why="apt knows no $2"
    [[ -n $image && -n $headers ]] || return 1
    common=$(apt-cache depends "$headers" | sed -n 's/^ *Depends: \(linux-headers-.*-common.*\)$/\1/p')
    kbuild=$(apt-cache depends "$headers" | sed -n 's/^ *Depends: \(linux-kbuild-.*\)$/\1/p')
    rm -rf "$kernel" "$out/debs"
    mkdir -p "$kernel" "$out/debs"
    why="$2 could not be downloaded: see out/oracle/install.log"
    (cd "$out/debs" && timeout "$patience" apt-get download -qq "$image" "$headers" $common $kbuild) >"$out/install.log" 2>&1 || return 1
    # Of 400 MB of modules, the directories the machine's devices live in.
    for deb in "$out"/debs/linux-image-*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$kernel" --wildcards './boot/vmlinuz-*' './boot/config-*' './lib/modules/*/modules.*' \
            './lib/modules/*/kernel/drivers/net/ethernet/intel/e1000*' './lib/modules/*/kernel/drivers/net/virtio_net*' \
            './lib/modules/*/kernel/drivers/net/net_failover*' './lib/modules/*/kernel/net/core/failover*' './lib/modules/*/kernel/net/core/pktgen*' \
            './lib/modules/*/kernel/drivers/virtio' './lib/modules/*/kernel/drivers/block/virtio_blk*' './lib/modules/*/kernel/drivers/nvme/*' \
            './lib/modules/*/kernel/drivers/ptp' './lib/modules/*/kernel/drivers/pps' './lib/modules/*/kernel/block' './lib/modules/*/kernel/lib' \
            './lib/modules/*/kernel/net/8021q' './lib/modules/*/kernel/net/802' './lib/modules/*/kernel/net/llc' './lib/modules/*/kernel/crypto' './lib/modules/*/kernel/arch/x86/crypto' 2>>"$out/install.log"
    done
    for deb in "$out"/debs/linux-headers-*.deb "$out"/debs/linux-kbuild-*.deb; do
        why="$deb cannot be unpacked"
        dpkg-deb -x "$deb" "$kernel" || return 1
    done
    rm -rf "$out/debs"
    release=$(basename "$kernel"/lib/modules/*)
    why="$image holds no kernel of release $release"
    [[ -s $kernel/boot/vmlinuz-$release ]] || return 1
    # The headers name each other by absolute path; here they live elsewhere.
    sed -i "s|/usr/src/|$final/usr/src/|g; s|/usr/lib/linux-kbuild|$final/usr/lib/linux-kbuild|g" "$kernel/usr/src/linux-headers-$release/Makefile"
    echo "$release" >"$kernel/release"
    rm -rf "$final"
    mv "$kernel" "$final"
}

# Builds the initramfs of a kernel where anything it is made of is newer: FOLDER of the kernel, FOLDER of the initramfs, both below out/oracle.
build() {
    local newer
    newer=$(find "$here" "$out/$1/release" -type f -not -path '*/scripts/*' -newer "$out/$2.cpio" -print -quit 2>&1)
    [[ -n $newer || ! -s $out/$2.cpio ]] || return 0
    why="$2 could not be built: see out/oracle/build.log"
    "$here/build-initramfs.sh" "$out/$1" "$out/$2" >"$out/build.log" 2>&1
}

fetch kernel linux-image-amd64 linux-headers-amd64 && build kernel initramfs || unavailable "$why"
if [[ -n $tried ]]; then
    say "$(cat "$out/unavailable-rt"); its tests are skipped"
elif ! fetch kernel-rt linux-image-rt-amd64 linux-headers-rt-amd64 || ! build kernel-rt initramfs-rt; then
    echo "no PREEMPT_RT kernel: $why" >"$out/unavailable-rt"
    say "no PREEMPT_RT kernel: $why; its tests are skipped"
else
    rm -f "$out/unavailable-rt"
fi
say "Linux $(cat "$out/kernel/release") is ready in out/oracle"
exit 0
