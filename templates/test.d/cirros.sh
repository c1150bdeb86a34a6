# shellcheck shell=bash disable=SC2154 # read by ../test
# cirros/fetch against a local server with a stand-in for the image.

image=cirros-0.4.0-x86_64-disk.img

# serve MODE: the stand-in over HTTP; MODE is ranges, whole (no ranges) or cut (breaks off in the middle). Sets `server`, `url`.
serve() {
  local ready=$scratch/server.ready
  rm -f -- "$ready"
  url=http://127.0.0.1:$((base_port + 50))
  python3 "$here/test.d/server.py" "$scratch/www" $((base_port + 50)) "$1" "$ready" >"$scratch/server.log" 2>&1 &
  server=$!
  started+=("$server")
  assert eventually 10 test -e "$ready"
}

stop_serving() {
  kill -TERM "$server"
  wait "$server" 2>/dev/null || true
}

fetch() { XDG_CACHE_HOME=$scratch/cache "$here/cirros/fetch" --url "$url" --sums "$scratch/sums" "$scratch/cloud/cirros"; }
left_over() { find "$scratch/cloud" "$scratch/cache" -type f 2>/dev/null; }
fresh() { rm -rf -- "$scratch/cloud" "$scratch/cache"; }

fetching_makes_a_template() {
  fresh
  serve ranges
  assert fetch
  stop_serving
  assert cmp "$scratch/www/0.4.0/$image" "$scratch/cloud/cirros/disk.img"
  assert equal 64M "$(field "$scratch/cloud/cirros" minimumMemory)"
  assert contains "$(cat "$scratch/cloud/cirros/template.json")" "\"disk.img\": \"$(cut -d ' ' -f 1 "$scratch/sums")\""
  assert equal "$scratch/cloud/cirros/disk.img $scratch/cloud/cirros/template.json" "$(left_over | sort | xargs)"
}

a_template_that_is_there_needs_no_server() { contains "$(fetch 2>&1)" "is there already"; }

a_wrong_digest_is_refused() {
  local message
  fresh
  serve ranges
  message=$(XDG_CACHE_HOME=$scratch/cache "$here/cirros/fetch" --url "$url" "$scratch/cloud/cirros" 2>&1) && return 1
  stop_serving
  assert contains "$message" "is not the file we know"
  assert contains "$message" "expected $(cut -d ' ' -f 1 "$here/cirros/0.4.0/SHA256SUMS")"
  assert equal "" "$(left_over)"
}

a_missing_file_is_refused() {
  local message
  fresh
  serve ranges
  message=$(XDG_CACHE_HOME=$scratch/cache "$here/cirros/fetch" --url "$url" --release 0.6.3 "$scratch/cloud/cirros" 2>&1) && return 1
  stop_serving
  assert contains "$message" "HTTP status 404"
  assert equal "" "$(left_over)"
}

# broken_off: the first half has arrived and the server is gone.
broken_off() {
  local message
  fresh
  serve cut
  message=$(fetch 2>&1) && return 1
  stop_serving
  assert contains "$message" "broke off"
  assert test ! -e "$scratch/cloud/cirros"
}

an_interrupted_download_goes_on() {
  broken_off
  serve ranges
  assert contains "$(fetch 2>&1)" "from byte 1000000"
  stop_serving
  assert contains "$(cat "$scratch/server.log")" "Range: bytes=1000000-"
  assert cmp "$scratch/www/0.4.0/$image" "$scratch/cloud/cirros/disk.img"
}

a_server_without_ranges_sends_it_whole() {
  broken_off
  serve whole
  assert fetch
  stop_serving
  assert cmp "$scratch/www/0.4.0/$image" "$scratch/cloud/cirros/disk.img"
}

offline_is_said() {
  local message
  fresh
  message=$(fetch 2>&1) && return 1
  assert contains "$message" "cannot reach $url"
  assert contains "$message" "templates/micro/build"
  assert equal "" "$(left_over)"
}

our_digests_are_whole() {
  local sums
  for sums in "$here"/cirros/[0-9]*/SHA256SUMS; do
    [[ $(cat "$sums") =~ ^[0-9a-f]{64}\ \ cirros-[0-9.]+-x86_64-disk.img$ ]] || return 1
  done
}

cirros_tests() {
  mkdir -p "$scratch/www/0.4.0"
  head -c 2000000 /dev/urandom >"$scratch/www/0.4.0/$image"
  (cd "$scratch/www/0.4.0" && sha256sum "$image") >"$scratch/sums"
  check "fetching makes a template and leaves nothing else" fetching_makes_a_template
  check "a template that is there needs no server" a_template_that_is_there_needs_no_server
  check "a file with another digest is refused and removed" a_wrong_digest_is_refused
  check "a file the server does not have is refused" a_missing_file_is_refused
  check "an interrupted download goes on where it stopped" an_interrupted_download_goes_on
  check "a server that cannot continue a file sends it whole" a_server_without_ranges_sends_it_whole
  check "without a server it says so and names the way out" offline_is_said
  check "the digests we ship are whole" our_digests_are_whole
}
