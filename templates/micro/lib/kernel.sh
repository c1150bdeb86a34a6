# shellcheck shell=bash disable=SC2154 # make_guest sets modules and kernel_package
# From a distribution's kernel package: the uncompressed kernel, and the few modules a guest needs in the order they load.

# number FILE TYPE OFFSET: a little-endian number of the file's header; TYPE as od knows it (u1, u4).
number() { od -An -t "$2" -j "$3" -N "${2#u}" -- "$1" | tr -d ' '; }

# extract_vmlinux BZIMAGE VMLINUX: the ELF kernel inside a bzImage. It starts through its PVH entry, which saves QEMU the
# firmware's and the decompressor's work: 0.35 s of a boot without KVM.
# Fields of the header: Documentation/arch/x86/boot.rst, setup_sects 0x1f1, payload_offset 0x248, payload_length 0x24c.
extract_vmlinux() {
  local image=$1 vmlinux=$2 sectors start length magic decompress size_field=4
  sectors=$(number "$image" u1 497)
  ((sectors)) || sectors=4
  start=$(((sectors + 1) * 512 + $(number "$image" u4 584)))
  length=$(number "$image" u4 588)
  magic=$(od -An -t x1 -j "$start" -N 4 -- "$image" | tr -d ' \n')
  case $magic in
  02214c18) decompress=(lz4 -dc) ;;
  28b52ffd) decompress=(zstd -dc) ;;
  fd377a58) decompress=(xz -dc --single-stream) ;;
  1f8b*) decompress=(gzip -dc) size_field=0 ;; # gzip's own trailer holds the size; the others get four bytes appended
  *) fail "$(basename -- "$image") is compressed in a way this script does not know (it begins with $magic)" \
    "known: lz4, zstd, xz, gzip" ;;
  esac
  dd if="$image" iflag=skip_bytes,count_bytes skip="$start" count="$((length - size_field))" bs=1M status=none |
    "${decompress[@]}" >"$vmlinux" || fail "cannot decompress the kernel in $(basename -- "$image") with ${decompress[0]}"
  [[ $(head -c 4 -- "$vmlinux" | od -An -t x1 | tr -d ' \n') == 7f454c46 ]] ||
    fail "what came out of $(basename -- "$image") is no ELF file" "is this a Linux kernel for x86-64?"
}

# module_file NAME: where the kernel package keeps it; prints nothing when it has no such file. File names mix - and _.
module_file() { find "$modules" -regextype posix-extended -regex ".*/${1//[-_]/[-_]}\\.ko(\\.xz|\\.zst|\\.gz)?" -print -quit; }

built_in() { grep -qE "/${1//[-_]/[-_]}\\.ko\$" "$modules/modules.builtin"; }

# unpack_module NAME DIRECTORY: NAME.ko with _ for -, uncompressed (the guest has no time to decompress).
unpack_module() {
  local file target=$2/${1//-/_}.ko
  [[ -e $target ]] && return
  file=$(module_file "$1")
  case $file in
  *.xz) xz -dc -- "$file" ;;
  *.zst) zstd -qdc -- "$file" ;;
  *.gz) gzip -dc -- "$file" ;;
  *) cat -- "$file" ;;
  esac >"$target"
}

# resolve DIRECTORY NAME…: unpacks the modules and all they depend on; sets `order` to the names in loading order.
# A module says what it depends on in its .modinfo section, as depends=a,b between zero bytes.
resolve() {
  local directory=$1 name dependency
  shift
  for name; do
    name=${name//-/_}
    [[ " ${order[*]} " != *" $name "* ]] || continue
    if [[ -z $(module_file "$name") ]]; then
      built_in "$name" || absent+=("$name")
      continue
    fi
    unpack_module "$name" "$directory"
    while read -r dependency; do resolve "$directory" "$dependency"; done < <(
      tr '\0' '\n' <"$directory/$name.ko" | sed -n 's/^depends=//p' | tr ',' '\n' | sed '/^$/d'
    )
    order+=("$name")
  done
}

# install_modules DIRECTORY LIST NAME…: puts them into DIRECTORY and their loading order into DIRECTORY/LIST, one line.
# Optional modules are named after `--`: a kernel may lack them.
install_modules() {
  local directory=$1 list=$2 order=() absent=() required=() optional=()
  shift 2
  while (($#)) && [[ $1 != -- ]]; do required+=("$1") && shift; done
  if (($#)); then optional=("${@:2}"); fi
  mkdir -p -- "$directory"
  resolve "$directory" "${required[@]}"
  ((${#absent[@]} == 0)) || fail "the kernel package $kernel_package has no module ${absent[*]}" "the guest cannot start without"
  if ((${#optional[@]})); then resolve "$directory" "${optional[@]}"; fi
  ((${#absent[@]} == 0)) || say "note: $kernel_package has no module ${absent[*]}; the guest does without"
  printf '%s\n' "${order[*]}" >"$directory/$list"
}
