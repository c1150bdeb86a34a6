# shellcheck shell=bash
# What bench/launch, bench/clones and bench/cli share: a cloud of their own in target/bench, and templates that are built when they are older
# than their sources. Read with `.` from the repository's root.

export KVM_CLOUD_HOME=$PWD/target/bench/cloud
# shellcheck disable=SC2034 # for the library of the templates' tests
KVM_CLOUD_TEST_PORT=${KVM_CLOUD_BENCH_PORT:-24000}
. templates/lib/common.sh
. templates/test.d/lib.sh # a guest with a plain QEMU command line, and its end
program=bench/${0##*/}

end_bench() {
  ./kvm-cloud down --purge >/dev/null 2>&1 </dev/null || true
  clean_up
}
trap end_bench EXIT

# millis: of now.
millis() { echo $((${EPOCHREALTIME//[.,]/} / 1000)); }

# note WHAT VALUE: one measurement.
note() { echo "$2" >>"$scratch/$1"; }

# percentile WHAT P
percentile() { sort -n "$scratch/$1" | awk -v p="$2" '{v[NR] = $1} END {i = int(NR * p / 100 + 0.999999); print v[i < 1 ? 1 : i]}'; }

# row TITLE FILE YARDSTICK
row() {
  [[ -s $scratch/$2 && -s $scratch/$3 ]] || return 0
  local p50 yard
  p50=$(percentile "$2" 50)
  yard=$(percentile "$3" 50)
  printf '| %s | %d | %d | %d | %d | %s |\n' "$1" "$(wc -l <"$scratch/$2")" "$p50" "$(percentile "$2" 95)" "$(percentile "$2" 100)" \
    "$(awk -v a="$p50" -v b="$yard" 'BEGIN {printf "%.3f", a / b}')"
}

memory_of() { case $1 in micro*) echo 128M ;; *) echo 512M ;; esac; }

# offer TEMPLATE [NAME]: puts it into the cloud's directory of templates. With another name it is one whose guests always boot.
offer() {
  local built=target/bench/templates/$1 name=${2:-$1} replace=()
  [[ ! -e $built || -z $(find "templates/$1" templates/agent -newer "$built/template.json" -print -quit) ]] || replace=(--replace)
  "templates/$1/build" "${replace[@]}" "$built"
  rm -rf "${KVM_CLOUD_HOME:?}/templates/$name"
  mkdir -p "$KVM_CLOUD_HOME/templates"
  cp -R "$built" "$KVM_CLOUD_HOME/templates/$name"
  [[ $name == "$1" ]] ||
    sed -i "s/\"name\": \"$1\"/\"name\": \"$name\"/; s/\"warm\": true/\"warm\": false/" "$KVM_CLOUD_HOME/templates/$name/template.json"
}

# start_cloud: with the templates that are offered; micro must be one of them.
start_cloud() {
  printf 'broker_port=%d\ns1_ssh_port=%d\ns2_ssh_port=%d\n' $((base_port + 600)) $((base_port + 700)) $((base_port + 800)) >"$KVM_CLOUD_HOME/settings"
  ./kvm-cloud up </dev/null
}

warm_everywhere() {
  local host
  for host in s1 s2; do
    compgen -G "$KVM_CLOUD_HOME/$host/warm/$1-*/shape.json" >/dev/null || return 1
  done
}

# make_warm TEMPLATE: waits until both hosts have a warm state of it.
make_warm() {
  local ids
  warm_everywhere "$1" && return
  say "$1: making a warm state on both hosts"
  ids=$(./kvm-cloud launch "$1" --memory "$(memory_of "$1")" --count 2 --timeout 1200 2>/dev/null)
  eventually 1200 warm_everywhere "$1" || fail "no warm state of $1 was made" "see $KVM_CLOUD_HOME/log/s1.log"
  # shellcheck disable=SC2086 # one word an id
  ./kvm-cloud delete -f $ids >/dev/null
}

# pid_of_instance ID: of its QEMU.
pid_of_instance() { cat "$KVM_CLOUD_HOME/${1%/*}/instances/${1#*/}/pid"; }
