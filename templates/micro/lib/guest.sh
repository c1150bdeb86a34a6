# shellcheck shell=bash
# The whole guest: packages, kernel, trees, file system. micro/build makes a kernel-boot template of it, selfboot/build a disk.

. "$(dirname -- "${BASH_SOURCE[0]}")/packages.sh"
. "$(dirname -- "${BASH_SOURCE[0]}")/kernel.sh"
. "$(dirname -- "${BASH_SOURCE[0]}")/tree.sh"

# shellcheck disable=SC2034 # for the scripts that read this file
guest_tools=(apt-get:apt dpkg-deb:dpkg fakeroot:fakeroot mkfs.ext4:e2fsprogs cpio:cpio lz4:lz4 zstd:zstd xz:xz-utils flock:util-linux)

# make_guest SOURCES WORK SIZE: SOURCES is templates/micro. Leaves rootfs.img and initrd.cpio in WORK, and sets `kernel_image`
# (the bzImage) and `kernel_package`.
make_guest() {
  local sources=$1 work=$2 size=$3 modules version in_guest root_tree=$2/root initrd_tree=$2/initrd
  [[ $(dpkg --print-architecture) == amd64 ]] || fail "this guest is built on amd64 only, and this is $(dpkg --print-architecture)"
  mkdir -p -- "$work"
  open_packages "$work/apt"
  find_kernel
  fetch_packages "$work/debs" "${kernel_packages[@]}" busybox-static coreutils dropbear-bin openssh-sftp-server e2fsprogs \
    libc6 libcrypt1 libtomcrypt1 libtommath1 libgmp10 zlib1g "$(current_name libext2fs2)" libcom-err2
  unpack_packages "$work/debs" "$work/kernel" 'linux-*.deb'
  unpack_packages "$work/debs" "$work/user" '[!l]*.deb'
  unpack_packages "$work/debs" "$work/user" 'lib*.deb'
  kernel_image=$(find "$work/kernel/boot" -name 'vmlinuz-*' -print -quit)
  modules=$(find "$work/kernel" -name modules.builtin -printf '%h\n' -quit)
  [[ $kernel_image && $modules ]] || fail "$kernel_package holds no kernel or no modules" "please report this with your distribution's name"
  version=${modules##*/}

  make_root_tree "$work/user" "$sources/rootfs"
  make_initrd_tree "$sources/initrd"
  # Which modules a kernel has built in differs from one distribution to the next: what is built in needs no loading.
  install_modules "$initrd_tree/modules" disk virtio_pci virtio_blk ext4 -- virtio_mmio
  in_guest=$root_tree/lib/modules/$version
  install_modules "$in_guest" net virtio_pci virtio_net -- virtio_mmio
  install_modules "$in_guest" late virtio_console button evdev -- virtio-rng virtio_balloon
  install_modules "$in_guest" vfat vfat nls_cp437
  install_modules "$in_guest" iso9660 isofs
  echo $(($(numfmt --from=iec "$size") / 512)) >"$root_tree/etc/kvmcloud-disk-size"

  fakeroot -- "$sources/pack" "$root_tree" "$initrd_tree" "$work/rootfs.img" "$work/initrd.cpio" "$size" >"$work/pack.log" 2>&1 || {
    sed 's/^/  /' "$work/pack.log" >&2
    fail "the guest's file system could not be written"
  }
}
