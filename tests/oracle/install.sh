#!/bin/sh
# Installs the machines the twin is compared with: Debian's qemu-system-x86, if it is missing and we may. Without it the comparisons skip.
set -eu
command -v qemu-system-x86_64 >/dev/null 2>&1 && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "qemu-system-x86_64 is missing and this user cannot install it; the register comparisons will be skipped" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends qemu-system-x86 >/dev/null
