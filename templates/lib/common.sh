# shellcheck shell=bash
# What every template script shares: messages, missing tools, and a template directory that appears all at once or not at all.
# Read with `.` by micro/build, cirros/fetch and selfboot/build; it sets nothing but functions and `program`.

program=$(cd -- "$(dirname -- "$0")" && pwd)/${0##*/}
program=templates/${program##*/templates/}
PATH=$PATH:/usr/sbin:/sbin # mkfs.* live there, and an ordinary user's PATH does not

say() { printf '%s: %s\n' "$program" "$*" >&2; }

# fail WHAT-AND-WHY [HINT…]: each hint is a line that says what to do next.
fail() {
  say "$1"
  shift
  if (($#)); then printf '  hint: %s\n' "$@" >&2; fi
  exit 1
}

usage_error() {
  say "$1"
  printf '  hint: %s --help\n' "$program" >&2
  exit 2
}

# need COMMAND:PACKAGE… (or FILE:PACKAGE): names everything that is missing in one message.
need() {
  local pair missing=() packages=()
  for pair; do
    if command -v "${pair%%:*}" >/dev/null || [[ -r ${pair%%:*} ]]; then continue; fi
    missing+=("${pair%%:*}")
    packages+=("${pair#*:}")
  done
  ((${#missing[@]})) || return 0
  fail "missing on this machine: ${missing[*]}" "sudo apt-get install --no-install-recommends ${packages[*]}"
}

# packages COMMAND:PACKAGE…: the Debian packages, one a line, for whoever installs them.
packages() { printf '%s\n' "${@#*:}" | sort -u; }

# open_stage DEST REPLACE: sets `stage`, an empty directory to build in. It is a grandchild of DEST's parent
# (.NAME.XXXXXX/NAME): same file system, so publish can rename it, and one level too deep for a controller that scans the parent.
# Two builds of one template wait for each other here. When DEST is complete already, says so and ends.
open_stage() {
  local dest=$1 replace=$2 parent name
  name=$(basename -- "$dest")
  [[ $name =~ ^[a-z0-9][a-z0-9.-]{0,62}$ ]] || fail "a template is called what its directory is called, and cannot be called $name" \
    "end the directory in a name of a-z, 0-9, . and -: $(dirname -- "$dest")/$(basename -- "$(dirname -- "$0")")"
  parent=$(dirname -- "$dest")
  mkdir -p -- "$parent" || fail "cannot create $parent" "choose another directory, or ask its owner for write access"
  [[ -w $parent ]] || fail "no write access to $parent" "choose another directory, or ask its owner for write access"
  parent=$(cd -- "$parent" && pwd) # the build changes directories
  exec {stage_lock}<"$parent"
  flock "$stage_lock"
  if [[ -e $dest/template.json && $replace == no ]]; then
    say "$dest is there already (--replace builds it again)"
    exit 0
  fi
  [[ -e $dest/template.json || ! -e $dest ]] || [[ -z $(ls -A -- "$dest" 2>/dev/null || echo not-a-directory) ]] ||
    fail "$dest exists and is not a template (it has no template.json)" "choose another directory, or remove it"
  stage_root=$(mktemp -d -- "$parent/.$name.XXXXXX")
  trap 'rm -rf -- "$stage_root"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  stage=$stage_root/$name
  mkdir -- "$stage"
}

# seal TEMPLATE-JSON-IN FILE…: writes the stage's template.json, which is the given one with the directory's name and the sha256 of
# each FILE of the stage.
seal() {
  local source=$1 file digest lines=()
  shift
  for file; do
    digest=$(sha256sum -- "$stage/$file")
    digest=${digest#\\}
    lines+=("    \"$file\": \"${digest%% *}\"")
  done
  {
    sed "\$d; s/^  \"name\": .*/  \"name\": \"$(basename -- "$stage")\",/" "$source" | sed '$s/$/,/'
    printf '  "sha256": {\n'
    (IFS=$'\n' && printf '%s' "${lines[*]}" | sed '$!s/$/,/')
    printf '\n  }\n}\n'
  } >"$stage/template.json"
}

# publish DEST: the finished stage becomes DEST in one rename.
publish() {
  local dest=$1
  chmod -R u=rwX,go=rX -- "$stage"
  sync -f -- "$stage" # the rename must not reach the disk before the files it promises
  if [[ -e $dest/template.json ]]; then mv -T -- "$dest" "$stage_root/old"; fi
  mv -T -- "$stage" "$dest"
}

# parse_build_options ARGUMENT…: of a script that builds one template; sets `dest` and `replace`. Needs its `help` and `tools`.
# shellcheck disable=SC2154 # tools is the caller's
parse_build_options() {
  replace=no dest=
  while (($#)); do
    case $1 in
    --help | -h) help && exit ;;
    --packages) packages "${tools[@]}" && exit ;;
    --replace) replace=yes ;;
    -*) usage_error "unknown option $1" ;;
    *)
      [[ -z $dest ]] || usage_error "one directory is enough: $1 is too many"
      dest=$1
      ;;
    esac
    shift
  done
  [[ $dest ]] || usage_error "the directory to build into is missing"
}
