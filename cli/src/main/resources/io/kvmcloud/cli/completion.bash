
# On top of what is generated above: live ids and names where a verb takes an ID, templates, hosts, and columns. Zsh reads it too.
# Asking takes half a second, so an answer is kept for five.

_kvm_cloud_names() {
  local kind=$1 program=$2 what=(-q)
  [[ $kind != instances ]] || what=(-f value -c "id,name")
  if [[ ${_kvm_cloud_kind:-} != "$kind" ]] || ((SECONDS - ${_kvm_cloud_asked:-0} > 5)); then
    _kvm_cloud_words=$("$program" "$kind" "${what[@]}" --wait 2 2>/dev/null </dev/null | sed 's/ -$//')
    _kvm_cloud_kind=$kind
    _kvm_cloud_asked=$SECONDS
  fi
  printf '%s\n' "$_kvm_cloud_words"
}

_kvm_cloud() {
  local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]} program=${COMP_WORDS[0]} verb='' verb_at=0 kind='' ends='' columns='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --amqp | --password-file | --wait | -f | --format) i=$((i + 1)) ;;
      -*) ;;
      *) verb=${COMP_WORDS[i]} verb_at=$i && break ;;
    esac
  done
  case $verb in
    @ID_VERBS@) kind=instances ;;
    @PATH_VERBS@) kind=instances ends=: ;;
    @CONTROLLER_VERBS@) kind=controllers ;;
    @TEMPLATE_VERBS@) if ((COMP_CWORD == verb_at + 1)); then kind=templates; fi ;;
  esac
  if ((COMP_CWORD > verb_at + 1)); then
    case "$verb ${COMP_WORDS[verb_at + 1]}" in
      @CONTROLLER_WORDS@) kind=controllers ;;
      @TEMPLATE_WORDS@) if ((COMP_CWORD == verb_at + 2)); then kind=templates; fi ;;
    esac
  fi
  case $last in
    @CONTROLLER_OPTIONS@) kind=controllers last='' ;;
  esac
  case $verb in
@COLUMNS@
  esac
  # shellcheck disable=SC2207 # none of these words has a space in it, and Zsh has no mapfile
  if [[ $last == -c || $last == --columns || $last == --sort ]]; then
    COMPREPLY=($(compgen -P "${word%"${word##*,}"}" -W "$columns" -- "${word##*,}"))
  elif [[ -n $kind && $word != -* && $last != -[!fq]* ]]; then
    COMPREPLY=($(compgen -S "$ends" -W "$(_kvm_cloud_names "$kind" "$program")" -- "$word"))
    if [[ -n $ends ]]; then # a path: in an instance behind the colon, or a file here
      COMPREPLY+=($(compgen -f -- "$word"))
      [[ -z ${BASH_VERSION:-} ]] || compopt -o nospace 2>/dev/null
    fi
  else
    _complete_kvm-cloud
  fi
}

complete -F _kvm_cloud -o default kvm-cloud
