# shellcheck shell=bash disable=SC2154 # read by ../test
# The guest inside: booted under TCG, looked at through SSH, the monitor and the agent's port.

the_password_logs_in() { equal cirros "$(as_cirros whoami)"; }
the_hostname_is_the_seeds() { equal web-7 "$(as_cirros hostname)"; }
the_seeds_key_logs_in() { equal "cirros root" "$(with_key cirros@127.0.0.1 whoami) $(with_key root@127.0.0.1 whoami)"; }
user_data_ran_as_root() { eventually 20 equal "0 web-7" "$(as_cirros cat /var/log/user-data.log)"; }
sudo_makes_root() { equal 0 "$(as_cirros sudo id -u)"; }
root_has_no_password() { ! sshpass -p 'cubswin:)' ssh "${ssh_options[@]}" -o PubkeyAuthentication=no -p "$port" root@127.0.0.1 true </dev/null; }
the_root_file_system_has_grown() { eventually 20 larger_root; }
larger_root() { (($(as_cirros df -k / | awk 'END {print $2}') > 150000)); }

# What a reboot must keep, and what it must not.
a_reboot_keeps_host_key_and_name() {
  local before old_boot
  before=$(host_key)
  old_boot=$(as_cirros cat /proc/sys/kernel/random/boot_id)
  as_cirros sudo reboot || true
  assert eventually 60 other_boot "$old_boot"
  assert equal "$before" "$(host_key)"
  assert the_hostname_is_the_seeds
}
other_boot() {
  local now
  now=$(as_cirros cat /proc/sys/kernel/random/boot_id) && [[ $now && $now != "$1" ]]
}

user_data_did_not_run_again() { equal 1 "$(as_cirros cat /var/lib/runs | wc -l)"; }

# The signal is lost on a guest that does not listen yet, so it is sent until it is heard, as the controller does.
the_power_button_switches_off() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    echo system_powerdown >"$scratch/first.monitor"
    if eventually 3 gone "$pid"; then return; fi
  done
  return 1
}

a_killed_guest_keeps_its_host_key() {
  local before
  before=$(host_key)
  assert test "$before"
  kill -KILL "$pid"
  assert eventually 10 gone "$pid"
  boot second "$micro" "$(field "$micro" minimumMemory)" "$scratch/second.qcow2"
  assert answers second
  assert equal "$before" "$(host_key)"
}

sudo_poweroff_switches_off() {
  as_cirros sudo poweroff || true
  assert eventually 30 gone "$pid"
}

agent_says() {
  local line=
  read -r -t 60 line <&"$agent_out"
  contains "$line" "$1"
}

the_agent_gives_a_waiting_machine_its_identity() {
  local agent_out
  exec {agent_out}<>"$scratch/agent.agent.out"
  assert agent_says ready
  banner && echo "SSH answers before there is an identity" && return 1
  echo ping >"$scratch/agent.agent.in"
  assert agent_says ok
  echo nonsense >"$scratch/agent.agent.in"
  assert agent_says "error unknown request"
  printf '%s\n' identity 'hostname clone-0' end >"$scratch/agent.agent.in"
  assert agent_says "error no identity taken"
  {
    printf '%s\n' identity 'hostname clone-1' 'booted 4102444800000' "entropy $(printf '%096d' 7)" "machine-id $(printf '%032d' 8)" \
      'mac 52:54:00:12:34:99' 'address 10.0.2.15' 'netmask 255.255.255.0' 'gateway 10.0.2.2' 'name-server 10.0.2.3' "host-key-dropbear $(dropbear_key)" 'later something new'
    printf 'key %s\nend\n' "$(cat "$scratch/key.pub")"
  } >"$scratch/agent.agent.in"
  assert agent_says ok
  assert answers agent
  # shellcheck disable=SC2016 # for the guest's shell
  assert equal "clone-1 2100 00000000000000000000000000000008 nameserver 10.0.2.3" \
    "$(with_key cirros@127.0.0.1 'echo $(hostname) $(date +%Y) $(cat /etc/machine-id /etc/resolv.conf)')"
  # shellcheck disable=SC2016 # for the guest's shell
  assert contains "4102444800 4102444801" "$(with_key cirros@127.0.0.1 'read -r up _ </proc/uptime; echo $(($(date +%s) - ${up%.*}))')"
  assert contains "$(with_key cirros@127.0.0.1 route -n)" "0.0.0.0         10.0.2.2"
  assert equal "$(cut -d ' ' -f 2 "$scratch/host.pub")" "$(host_key)"
  echo "info network" >"$scratch/agent.monitor"
  assert eventually 10 grep -q 'macaddr=52:54:00:12:34:99' "$scratch/agent.out"
  echo shutdown >"$scratch/agent.agent.in"
  assert agent_says ok
  assert eventually 30 gone "$pid"
}

# dropbear_key: as the request carries it; its public half is in host.pub.
dropbear_key() { python3 "$here/test.d/ed25519.py" "$scratch/host.pub"; }

guest_tests() {
  ssh-keygen -q -t ed25519 -N '' -C 'a "quoted" comment' -f "$scratch/key"
  local key
  key=$(sed 's/"/\\"/g' "$scratch/key.pub")
  # shellcheck disable=SC2016 # for the guest's shell
  make_seed "$scratch/seed.img" "{\"instance-id\": \"0f-1\", \"local-hostname\": \"web-7\", \"public-keys\": [\"$key\"]}" \
    '#!/bin/sh
echo "$(id -u) $(hostname)"; echo run >>/var/lib/runs
'
  make_disk "$micro" "$scratch/first.qcow2" 200M
  boot first "$micro" 128M "$scratch/first.qcow2" "$scratch/seed.img"
  check "micro boots to SSH" answers first
  check "cirros logs in with the password" the_password_logs_in
  check "the hostname is the seed's" the_hostname_is_the_seeds
  check "the seed's key logs in as cirros and as root" the_seeds_key_logs_in
  check "a user-data script runs as root" user_data_ran_as_root
  check "sudo makes root" sudo_makes_root
  check "root has no password" root_has_no_password
  check "a larger disk makes a larger root file system" the_root_file_system_has_grown
  check "a reboot keeps host key and name" a_reboot_keeps_host_key_and_name
  check "the user-data script does not run again" user_data_did_not_run_again
  check "the power button switches it off" the_power_button_switches_off

  make_disk "$micro" "$scratch/second.qcow2"
  boot second "$micro" "$(field "$micro" minimumMemory)" "$scratch/second.qcow2"
  check "micro boots to SSH in its minimum memory, without a seed" answers second
  check "without a seed its name is micro" equal micro "$(as_cirros hostname || true)"
  check "a killed guest keeps its host key" a_killed_guest_keeps_its_host_key
  check "sudo poweroff switches it off" sudo_poweroff_switches_off

  make_disk "$micro" "$scratch/agent.qcow2"
  boot agent "$micro" 128M "$scratch/agent.qcow2" "" kvmcloud.template=1
  check "the agent gives a machine that waits for it its identity" the_agent_gives_a_waiting_machine_its_identity
}
