# shellcheck shell=bash disable=SC2154 # read by ../test
# A disk that boots itself, as people bring one along.

selfboot_tests() {
  local selfboot=$built/selfboot
  make_seed "$scratch/seed2.img" '{"instance-id": "0f-2", "local-hostname": "brought-along"}'
  check "the self-booting disk is built" "$here/selfboot/build" "$selfboot"
  make_disk "$selfboot" "$scratch/selfboot.qcow2"
  boot selfboot "$selfboot" "$(field "$selfboot" minimumMemory)" "$scratch/selfboot.qcow2" "$scratch/seed2.img"
  check "it boots to SSH" answers selfboot
  check "its hostname is the seed's" equal brought-along "$(as_cirros hostname || true)"
  check "sudo poweroff switches it off" sudo_poweroff_switches_off
}
