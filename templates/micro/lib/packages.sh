# shellcheck shell=bash disable=SC2034 # make_guest reads kernel_packages
# The distribution's packages the template is made of, fetched with apt (its own signatures and checksums) and unpacked, not installed.

# open_packages DIRECTORY: apt's index of its lists goes there. Where /var/cache/apt is read-only or switched off (an ordinary user,
# a container) apt would make it anew for each question, most of a second each time.
open_packages() {
  mkdir -p -- "$1"
  apt=(-o "Dir::Cache=$1" -o Dir::Cache::pkgcache=packages.bin -o Dir::Cache::srcpkgcache=sources.bin)
  # As root, apt downloads as the user _apt, who may not write here, and warns about it.
  ((EUID)) || apt+=(-o APT::Sandbox::User=root)
}

# candidate PACKAGE: succeeds when apt knows a version of it.
candidate() { [[ -z $(without_candidate "$1") ]]; }

# without_candidate PACKAGE…: those that apt knows no version of.
without_candidate() {
  local known
  known=$(apt-cache "${apt[@]}" policy "$@" 2>/dev/null | sed -n '/^[^ ]/{s/:$//;h}; /^ *Candidate: [^(]/{x;p}')
  printf '%s\n' "$@" | grep -vxF -- "$known" || true
}

# current_name PACKAGE: Debian 13 and Ubuntu 24.04 renamed libraries for their 64-bit times, to PACKAGEt64.
current_name() { if candidate "$1t64"; then echo "$1t64"; else echo "$1"; fi; }

# depends_on PACKAGE PATTERN: the first package it depends on whose name matches.
depends_on() { apt-cache "${apt[@]}" depends "$1" 2>/dev/null | sed -n "s/^ *Depends: \\($2\\)\$/\\1/p" | sed -n 1p; }

# find_kernel: sets `kernel_package` and `kernel_packages`. Debian has one for virtual machines, with its modules inside;
# Ubuntu's modules are a package of their own.
find_kernel() {
  local meta modules_package
  for meta in linux-image-cloud-amd64 linux-image-virtual; do
    candidate "$meta" || continue
    kernel_package=$(depends_on "$meta" 'linux-image-[0-9].*')
    [[ $kernel_package ]] || continue
    modules_package=$(depends_on "$kernel_package" 'linux-modules-[0-9].*')
    kernel_packages=("$kernel_package" ${modules_package:+"$modules_package"})
    return
  done
  candidate busybox-static || fail "apt's package lists are empty" "sudo apt-get update" "then run this again"
  fail "apt knows no kernel package for virtual machines (looked for linux-image-cloud-amd64, linux-image-virtual)" \
    "micro is built on Debian 12, Debian 13 or an Ubuntu of that age; elsewhere bring a template of your own (templates/README.md)"
}

# fetch_packages DIRECTORY PACKAGE…: downloads all of them into DIRECTORY.
fetch_packages() {
  local directory=$1 package
  shift
  for package in $(without_candidate "$@"); do
    fail "apt knows no package $package" "sudo apt-get update" "is the archive's main component switched on?"
  done
  mkdir -p -- "$directory"
  if ! (cd -- "$directory" && apt-get -qq "${apt[@]}" download "$@") >"$directory/apt.log" 2>&1; then
    sed 's/^/  apt: /' "$directory/apt.log" | tail -n 5 >&2
    fail "apt could not download: $*" "are the package lists stale? sudo apt-get update" "is the package mirror reachable?"
  fi
}

# unpack_packages DIRECTORY TREE PATTERN: those whose file name matches, into TREE.
unpack_packages() {
  local deb
  for deb in "$1"/$3; do dpkg-deb -x "$deb" "$2"; done
}
