#!/usr/bin/env bash
# Fetches what the oracle needs, a real Linux kernel booted in QEMU, into out/oracle below the project's root, and builds its initramfs.
#
# Debian only, and as root only, for packages that are missing: qemu-system-x86, busybox-static, ethtool, gcc, make. The kernel and its headers are
# unpacked below out/oracle and installed nowhere, so /boot and the machine's own initramfs stay as they are.
# Bochs is a second opinion on the bare-metal guest, taken where it can be had.
# Never fails: where something is missing, the reason is left in out/oracle/unavailable for the tests to skip with.
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
command -v gcc >/dev/null || wanted+=(gcc)
command -v make >/dev/null || wanted+=(make)

opinion=()
command -v bochs >/dev/null || opinion=(bochs bochsbios bochs-term)

if [[ ${#wanted[@]} -gt 0 || ! -s $out/kernel/release ]]; then
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

if [[ ! -s $out/kernel/release ]]; then
    image=$(stands_for linux-image-amd64)
    headers=$(stands_for linux-headers-amd64)
    [[ -n $image && -n $headers ]] || unavailable "apt knows no linux-image-amd64"
    common=$(apt-cache depends "$headers" | sed -n 's/^ *Depends: \(linux-headers-.*-common\)$/\1/p')
    kbuild=$(apt-cache depends "$headers" | sed -n 's/^ *Depends: \(linux-kbuild-.*\)$/\1/p')
    rm -rf "$out/kernel" "$out/debs"
    mkdir -p "$out/kernel" "$out/debs"
    (cd "$out/debs" && timeout "$patience" apt-get download -qq "$image" "$headers" $common $kbuild) >"$out/install.log" 2>&1 ||
        unavailable "the kernel's packages could not be downloaded: see out/oracle/install.log"
    # Of 400 MB of modules, the directories the machine's devices live in.
    for deb in "$out"/debs/linux-image-*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$out/kernel" --wildcards './boot/vmlinuz-*' './boot/config-*' './lib/modules/*/modules.*' \
            './lib/modules/*/kernel/drivers/net/ethernet/intel/e1000*' './lib/modules/*/kernel/drivers/net/virtio_net*' \
            './lib/modules/*/kernel/drivers/net/net_failover*' './lib/modules/*/kernel/net/core/failover*' './lib/modules/*/kernel/net/core/pktgen*' \
            './lib/modules/*/kernel/drivers/virtio' './lib/modules/*/kernel/drivers/block/virtio_blk*' './lib/modules/*/kernel/drivers/nvme/*' \
            './lib/modules/*/kernel/drivers/ptp' './lib/modules/*/kernel/drivers/pps' './lib/modules/*/kernel/block' './lib/modules/*/kernel/lib' \
            './lib/modules/*/kernel/crypto' './lib/modules/*/kernel/arch/x86/crypto' 2>>"$out/install.log"
    done
    for deb in "$out"/debs/linux-headers-*.deb "$out"/debs/linux-kbuild-*.deb; do dpkg-deb -x "$deb" "$out/kernel" || unavailable "$deb cannot be unpacked"; done
    rm -rf "$out/debs"
    release=$(basename "$out"/kernel/lib/modules/*)
    [[ -s $out/kernel/boot/vmlinuz-$release ]] || unavailable "$image holds no kernel of release $release"
    # The headers name each other by absolute path; here they live elsewhere.
    sed -i "s|/usr/src/|$out/kernel/usr/src/|g; s|/usr/lib/linux-kbuild|$out/kernel/usr/lib/linux-kbuild|g" "$out/kernel/usr/src/linux-headers-$release/Makefile"
    echo "$release" >"$out/kernel/release"
fi

newer=$(find "$here" "$out/kernel/release" -type f -not -path '*/scripts/*' -newer "$out/initramfs.cpio" -print -quit 2>&1)
if [[ -n $newer || ! -s $out/initramfs.cpio ]]; then
    "$here/build-initramfs.sh" "$out" >"$out/build.log" 2>&1 || unavailable "the initramfs could not be built: see out/oracle/build.log"
fi
say "Linux $(cat "$out/kernel/release") is ready in out/oracle"
exit 0
