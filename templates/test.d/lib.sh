# shellcheck shell=bash
# The tests' own tools: run a test, serve files, run a guest with a plain QEMU command line. Everything started is in `started`.

passed=0 failed=0 started=()
scratch=$(mktemp -d)
base_port=${KVM_CLOUD_TEST_PORT:-21000}

clean_up() {
  local pid
  for pid in "${started[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf -- "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# check SENTENCE COMMAND…: one test. What the command printed is shown when it fails.
check() {
  local sentence=$1 log=$scratch/check.log sound=yes
  shift
  if "$@" >"$log" 2>&1 && [[ $sound == yes ]]; then
    passed=$((passed + 1))
    printf 'ok    %s\n' "$sentence"
  else
    failed=$((failed + 1))
    printf 'FAIL  %s\n' "$sentence"
    sed 's/^/      /' "$log" | tail -n 25
  fi
}

# assert COMMAND…: a test goes on after a failed one, and fails in the end.
assert() {
  "$@" && return
  printf 'failed: %s\n' "$*"
  sound=no
}

# equal EXPECTED ACTUAL, contains TEXT PART: questions that say what they saw.
equal() { [[ $2 == "$1" ]] || { printf 'expected: %s\n but was: %s\n' "$1" "$2" && return 1; }; }
contains() { [[ $1 == *"$2"* ]] || { printf 'no "%s" in: %s\n' "$2" "$1" && return 1; }; }

# eventually SECONDS COMMAND…: until it succeeds.
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# make_seed IMAGE META-DATA [USER-DATA]: a NoCloud volume.
make_seed() {
  rm -f -- "$1"
  truncate -s 1M "$1"
  mkfs.vfat -n cidata "$1" >/dev/null 2>&1
  printf '%s' "$2" >"$scratch/meta-data"
  printf '%s' "${3:-}" >"$scratch/user-data"
  mcopy -i "$1" -- "$scratch/meta-data" "$scratch/user-data" ::
}

# field TEMPLATE NAME: a string of its template.json.
field() { sed -n "s/^  \"$2\": \"\\(.*\\)\",\$/\\1/p" "$1/template.json"; }

# make_disk TEMPLATE DISK [SIZE]: an overlay, as each instance has one.
make_disk() {
  local backing
  backing=$1/$(field "$1" rootfs)$(field "$1" disk)
  qemu-img create -q -f qcow2 -b "$backing" -F qcow2 "$2" ${3:+"$3"}
}

# shellcheck disable=SC2054 # QEMU's options have commas
# boot NAME TEMPLATE MEMORY DISK [SEED [APPEND]]: starts QEMU and returns. Sets `pid`, `port`; the monitor is the pipe
# NAME.monitor, the agent's port NAME.agent.in and .out, the serial line NAME.log.
boot() {
  local name=$1 template=$2 memory=$3 disk=$4 seed=${5:-} append=${6:-} dir=$scratch options=()
  port=$((base_port + ${#started[@]}))
  if [[ $(field "$template" kernel) ]]; then
    options=(-kernel "$template/$(field "$template" kernel)" -initrd "$template/$(field "$template" initrd)"
      -append "console=ttyS0 mitigations=off $(field "$template" commandLine) $append")
  fi
  rm -f -- "$dir/$name".{monitor,agent.in,agent.out,log}
  mkfifo "$dir/$name.monitor" "$dir/$name.agent.in" "$dir/$name.agent.out"
  options+=(-drive "if=none,id=disk,format=qcow2,file=$disk" -device virtio-blk-pci,drive=disk)
  if [[ $seed ]]; then options+=(-drive "if=none,id=seed,format=raw,readonly=on,file=$seed" -device virtio-blk-pci,drive=seed); fi
  # Opened for reading and writing here, so that neither side waits for the other to open the pipe.
  qemu-system-x86_64 -no-user-config -nodefaults -display none -machine pc,accel=tcg -cpu max,la57=off -m "$memory" "${options[@]}" \
    -netdev "user,id=net0,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=net0,romfile= \
    -device virtio-rng-pci -serial "file:$dir/$name.log" -monitor stdio \
    -device virtio-serial-pci -chardev "pipe,id=agent,path=$dir/$name.agent" -device virtserialport,chardev=agent,name=org.kvmcloud.0 \
    <>"$dir/$name.monitor" >"$dir/$name.out" 2>&1 &
  pid=$!
  started+=("$pid")
}

running() { kill -0 "$1" 2>/dev/null; }
gone() { ! running "$1"; }

# banner [SECONDS]: whether SSH at $port says its first line within so long.
banner() {
  local line=
  exec {socket}<>"/dev/tcp/127.0.0.1/$port" || return 1
  read -r -t "${1:-0.5}" line <&"$socket"
  exec {socket}>&-
  [[ $line == SSH-* ]]
} 2>/dev/null

# answers NAME: waits for SSH. A slow, busy machine without KVM needs its time.
answers() { eventually "${KVM_CLOUD_TEST_TIMEOUT:-90}" banner || { tail -n 20 "$scratch/$1.log" "$scratch/$1.out" && return 1; }; }

ssh_options=(-q -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=30)
as_cirros() { timeout 60 sshpass -p 'cubswin:)' ssh "${ssh_options[@]}" -o PubkeyAuthentication=no -p "$port" cirros@127.0.0.1 "$@" </dev/null; }
with_key() { timeout 60 ssh "${ssh_options[@]}" -o BatchMode=yes -o PasswordAuthentication=no -i "$scratch/key" -p "$port" "$@" </dev/null; }
host_key() { ssh-keyscan -T 20 -t ed25519 -p "$port" 127.0.0.1 2>/dev/null | cut -d ' ' -f 3; }
