# shellcheck shell=bash disable=SC2154 # read by ../test
# micro/build: the directory it leaves, a second run, a run at the same time, refusals.

the_digests_are_those_of_the_files() {
  local file digest
  while read -r file digest; do
    assert equal "$digest" "$(sha256sum <"$micro/$file" | cut -d ' ' -f 1)"
  done < <(sed -n 's/^    "\(.*\)": "\([0-9a-f]\{64\}\)",\{0,1\}$/\1 \2/p' "$micro/template.json")
  assert equal 3 "$(grep -c '^    "' "$micro/template.json")"
}

a_second_build_changes_nothing() {
  local before
  before=$(stat -c %i:%Y "$micro" "$micro/rootfs.qcow2")
  assert contains "$("$here/micro/build" "$micro" 2>&1)" "is there already"
  assert equal "$before" "$(stat -c %i:%Y "$micro" "$micro/rootfs.qcow2")"
}

a_build_of_two_at_once_ends_with_one_template() {
  local parent="$scratch/two at once" other
  "$here/micro/build" "$parent/micro" &
  other=$!
  assert "$here/micro/build" "$parent/micro"
  assert wait "$other"
  assert equal "initrd rootfs.qcow2 template.json vmlinux" "$(cd "$parent/micro" && echo *)"
  assert equal micro "$(ls -A "$parent")"
}

a_build_stopped_half_way_leaves_nothing() {
  local parent=$scratch/stopped build
  mkdir "$parent"
  "$here/micro/build" "$parent/micro" &
  build=$!
  assert eventually 20 compgen -G "$parent/.micro.*" >/dev/null
  kill -TERM "$build"
  wait "$build" || true
  assert equal "" "$(ls -A "$parent")"
}

a_directory_of_something_else_is_refused() {
  local parent=$scratch/refused message
  mkdir -p "$parent/mine"
  echo precious >"$parent/mine/letter"
  message=$("$here/micro/build" --replace "$parent/mine" 2>&1) && return 1
  assert contains "$message" "is not a template"
  assert equal precious "$(cat "$parent/mine/letter")"
}

a_name_that_no_template_can_have_is_refused() {
  local message
  message=$("$here/micro/build" "$scratch/My Micro" 2>&1) && return 1
  contains "$message" "cannot be called My Micro"
}

the_template_is_called_like_its_directory() {
  # As a build would, without one: only the names matter here.
  (
    stage=$scratch/names/tiny-1
    mkdir -p "$stage"
    touch "$stage/disk.qcow2"
    seal "$here/selfboot/template.json.in" disk.qcow2
  )
  assert equal tiny-1 "$(field "$scratch/names/tiny-1" name)"
  python3 -m json.tool "$scratch/names/tiny-1/template.json"
}

a_missing_tool_is_named_with_its_package() {
  local bin=$scratch/bin tool message
  mkdir "$bin"
  for tool in bash dirname; do ln -s "$(command -v $tool)" "$bin/$tool"; done
  message=$(sed 's#^PATH=.*#:#' "$here/lib/common.sh" >"$scratch/common.sh" && PATH=$bin bash -c "program=x; . '$scratch/common.sh'; need lz4:lz4 mkfs.ext4:e2fsprogs" 2>&1) && return 1
  assert contains "$message" "missing on this machine: lz4 mkfs.ext4"
  assert contains "$message" "sudo apt-get install --no-install-recommends lz4 e2fsprogs"
}

empty_package_lists_are_said_to_be_empty() {
  local lists=$scratch/lists message
  mkdir -p "$lists/partial"
  printf 'Dir::State::Lists "%s";\n' "$lists" >"$scratch/apt.conf"
  message=$(APT_CONFIG=$scratch/apt.conf "$here/micro/build" "$scratch/none/micro" 2>&1) && return 1
  assert contains "$message" "package lists are empty"
  assert contains "$message" "sudo apt-get update"
  assert equal "" "$(ls -A "$scratch/none")"
}

# The sources of what is checked in as bytes; where there is no assembler they are taken on trust.
the_agents_programs_are_what_their_sources_say() {
  command -v as >/dev/null && command -v ld >/dev/null || return 0
  local program
  for program in wake address; do
    as -o "$scratch/program.o" "$here/agent/$program.S"
    ld -n -s --build-id=none -z noseparate-code -o "$scratch/program" "$scratch/program.o"
    assert cmp "$scratch/program" "$here/agent/kvmcloud-$program"
  done
}

build_tests() {
  check "the agent's programs are what their sources say" the_agents_programs_are_what_their_sources_say
  check "the digests in template.json are those of the files" the_digests_are_those_of_the_files
  check "a second build changes nothing" a_second_build_changes_nothing
  check "two builds at once end with one template, also in a path with spaces" a_build_of_two_at_once_ends_with_one_template
  check "a build that is stopped half way leaves nothing" a_build_stopped_half_way_leaves_nothing
  check "a directory of something else is refused and stays" a_directory_of_something_else_is_refused
  check "a name that no template can have is refused" a_name_that_no_template_can_have_is_refused
  check "the template is called what its directory is called" the_template_is_called_like_its_directory
  check "a missing tool is named with its package" a_missing_tool_is_named_with_its_package
  check "empty package lists are said to be empty" empty_package_lists_are_said_to_be_empty
}
