# NoCloud meta-data to lines: `hostname NAME`, `instance-id ID`, `key LINE`.
# JSON as KVM-cloud writes it (any layout), or the flat YAML people write by hand (`local-hostname: web`, keys as a `- ` list).
# public-keys may be a list of strings, one string, or an object whose values are either.

{ text = text $0 "\n" }

END {
  if (text ~ /^[ \t\r\n]*[{]/) json(); else yaml()
}

function put(name, value) {
  if (value == "") return
  if (name == "local-hostname" || (name == "hostname" && !named)) {
    # A host name goes into files and on command lines: only what a name may hold.
    gsub(/[^A-Za-z0-9.-]/, "-", value)
    print "hostname " substr(value, 1, 63)
    if (name == "local-hostname") named = 1
  } else if (name == "instance-id") print "instance-id " value
  else if (name == "public-keys") {
    n = split(value, keys, "\n")
    for (i = 1; i <= n; i++) if (keys[i] ~ /[^ \t\r]/) print "key " keys[i]
  }
}

# top is the member of the outermost object we are in. In an object a string before a colon is a name, not a value.
function json(   token, depth, top, key, kind) {
  while (match(text, /"([^"\\]|\\.)*"|[][{}:,]|[^][{}:," \t\r\n]+/)) {
    token = substr(text, RSTART, RLENGTH)
    text = substr(text, RSTART + RLENGTH)
    if (token == "{" || token == "[") kind[++depth] = token
    else if (token == "}" || token == "]") depth--
    else if (token == ":") { if (depth == 1) top = key }
    else if (token != ",") {
      key = plain(token)
      if (text !~ /^[ \t\r\n]*:/) put(top, key)
    }
  }
}

function plain(s) {
  if (s !~ /^"/) return s
  s = substr(s, 2, length(s) - 2)
  gsub(/\\n/, "\n", s)
  gsub(/\\\//, "/", s)
  gsub(/\\"/, "\"", s)
  gsub(/\\\\/, "\\", s)
  return s
}

function yaml(   count, lines, j, line, name) {
  count = split(text, lines, "\n")
  for (j = 1; j <= count; j++) {
    line = lines[j]
    sub(/\r$/, "", line)
    if (line ~ /^[A-Za-z-]+:/) {
      name = line
      sub(/:.*/, "", name)
      sub(/^[^:]*:[ \t]*/, "", line)
      put(name, unquoted(line))
    } else if (line ~ /^[ \t]*- /) {
      sub(/^[ \t]*- +/, "", line)
      put(name, unquoted(line))
    }
  }
}

function unquoted(s) {
  sub(/[ \t]+$/, "", s)
  if (s ~ /^".*"$/ || s ~ /^'.*'$/) s = substr(s, 2, length(s) - 2)
  return s
}
