#!/bin/sh
# Builds the guest: build.sh FOLDER leaves guest.bin (multiboot, for qemu -kernel) and boot.bin (a boot sector, for machines that boot disks) there.
set -eu
here=$(dirname "$(readlink -f "$0")")
out=$1
flags="-m64 -ffreestanding -fno-pic -no-pie -mno-red-zone -mgeneral-regs-only -fno-stack-protector -fcf-protection=none
    -fno-asynchronous-unwind-tables -fno-builtin-memset -fno-builtin-memcpy -O2 -Wall -Wextra -Werror -std=gnu17"
mkdir -p "$out"
# shellcheck disable=SC2086
gcc $flags -nostdlib -static -Wl,-T,"$here/guest.ld" -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -o "$out/guest.elf" \
    "$here/boot.S" "$here/stage.S" "$here/main.c" "$here/perform.c" "$here/idt.c" "$here/apic.c" "$here/edu.c" "$here/print.c"
objcopy -O binary -R .bss "$out/guest.elf" "$out/guest.bin"
# shellcheck disable=SC2086
gcc $flags -nostdlib -static -Wl,-Ttext=0x7C00 -Wl,--build-id=none -Wl,-z,noexecstack -o "$out/boot.elf" "$here/mbr.S"
objcopy -O binary -j .text "$out/boot.elf" "$out/boot.bin"
