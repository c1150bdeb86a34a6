# shellcheck shell=bash disable=SC2154 # make_guest sets root_tree and initrd_tree
# The guest's two file trees, put together from the unpacked packages and the files beside this directory.

# install_program FROM TO: a program of the packages, and the shared libraries it needs. The packages' own loader says which:
# nothing of this machine's libraries can slip in.
install_program() {
  local from=$1 to=$2 library
  cp -- "$from" "$root_tree/$to"
  while read -r library; do
    cp -nL -- "$library" "$root_tree/lib/x86_64-linux-gnu/"
  done < <("$loader" --inhibit-cache --library-path "$library_path" --list "$from" | sed -n 's/^.* => \(\/.*\) (0x.*$/\1/p')
}

# make_root_tree PACKAGES FILES: fills `root_tree`.
make_root_tree() {
  local packages=$1 files=$2 busybox applet
  busybox=$(find "$packages" -path "*/bin/busybox" -type f -print -quit)
  loader=$(find "$packages" -name ld-linux-x86-64.so.2 -print -quit)
  library_path=$packages/lib/x86_64-linux-gnu:$packages/usr/lib/x86_64-linux-gnu
  mkdir -p -- "$root_tree"/{bin,sbin,usr/bin,usr/sbin,usr/lib,lib64,lib/x86_64-linux-gnu,etc/dropbear,proc,sys,dev,run,tmp,mnt,root,var/log,var/lib,home/cirros}
  cp -L -- "$loader" "$root_tree/lib64/"
  install_program "$packages/usr/sbin/dropbear" usr/sbin/
  # At each connection it reads nine files of /proc for entropy that getrandom(2) has given it already: 20 ms under emulation, before it
  # says a word. It goes on without those it does not find.
  LC_ALL=C sed -i 's|/proc/|/none/|g' "$root_tree/usr/sbin/dropbear"
  install_program "$packages/usr/bin/dropbearkey" usr/bin/
  install_program "$packages/usr/bin/dbclient" usr/bin/
  install_program "$packages/usr/lib/openssh/sftp-server" usr/lib/ # where dropbear looks; scp is served by it
  install_program "$(find "$packages" -name resize2fs -type f -print -quit)" sbin/
  cp -R -- "$files/." "$root_tree/"
  cp -- "$files/../../agent/"kvmcloud-{agent,wake,address} "$root_tree/sbin/"
  install_program "$packages/usr/sbin/chroot" lib/kvmcloud/as-root

  cp -- "$busybox" "$root_tree/bin/busybox"
  for applet in $("$busybox" --list); do
    case $applet in
    busybox) ;;
    acpid | getty | halt | ifconfig | init | insmod | poweroff | reboot | route | udhcpc) ln -s /bin/busybox "$root_tree/sbin/$applet" ;;
    *) [[ -e $root_tree/bin/$applet ]] || ln -s /bin/busybox "$root_tree/bin/$applet" ;;
    esac
  done
  for applet in acpid awk getty init insmod poweroff sh udhcpc; do
    [[ -e $root_tree/sbin/$applet || -L $root_tree/sbin/$applet || -L $root_tree/bin/$applet ]] ||
      fail "this distribution's busybox-static has no $applet, which the guest needs"
  done
}

# make_initrd_tree FILES: fills `initrd_tree`.
make_initrd_tree() {
  mkdir -p -- "$initrd_tree"/{bin,modules,proc,dev,root}
  cp -- "$root_tree/bin/busybox" "$initrd_tree/bin/"
  cp -R -- "$1/." "$initrd_tree/"
}
