
# On top of what is generated above: live ids and names where a verb takes an ID, templates, hosts, and columns. Zsh reads it too.
# Asking takes up to half a second, so an answer is kept for five. Not to be called in a `$(...)`, which would forget it.

_kvm_cloud_ask() {
  local kind=$1 program=$2 what=(-q)
  [[ $kind != instances ]] || what=(-f value -c "id,name")
  if [[ ${_kvm_cloud_kind:-} != "$kind" ]] || ((SECONDS - ${_kvm_cloud_asked:-0} > 5)); then
    _kvm_cloud_known=$("$program" "$kind" "${what[@]}" --wait 2 2>/dev/null </dev/null)
    _kvm_cloud_kind=$kind
    _kvm_cloud_asked=$SECONDS
  fi
}

# What is known and begins like this, each with an end: of ten thousand names compgen takes a second in Zsh.
_kvm_cloud_beginning() {
  begin=$1 ends=$2 awk '{ for (i = 1; i <= NF; i++) if (index($i, ENVIRON["begin"]) == 1 && $i != "-") print $i ENVIRON["ends"] }' \
    <<<"$_kvm_cloud_known"
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
    @FILTER_VERBS@) ends== ;;
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
  _kvm_cloud_goes_on=''
  # shellcheck disable=SC2207 # none of these words has a space in it, and Zsh has no mapfile
  if [[ $verb == help && $last == help ]]; then
    COMPREPLY=($(compgen -W "@VERBS@" -- "$word"))
  elif [[ $last == -c || $last == --columns || $last == --sort ]]; then
    COMPREPLY=($(compgen -P "${word%"${word##*,}"}" -W "$columns" -- "${word##*,}"))
  elif [[ -n $kind && $word != -* && $last != -[!fq]* ]]; then
    _kvm_cloud_ask "$kind" "$program"
    COMPREPLY=($(_kvm_cloud_beginning "$word" "$ends"))
    if [[ -n $ends ]]; then # a path: in an instance behind the colon, or a file here
      COMPREPLY+=($(compgen -f -- "$word"))
      _kvm_cloud_goes_on=yes
    fi
  elif [[ -n $ends && $word != -* && $last != -[!q]* ]]; then
    COMPREPLY=($(compgen -S "$ends" -W "$columns" -- "$word"))
    _kvm_cloud_goes_on=yes
  else
    _complete_kvm-cloud
  fi
  [[ -z $_kvm_cloud_goes_on || -z ${BASH_VERSION:-} ]] || compopt -o nospace 2>/dev/null
}

# Zsh's own way from bash's functions to its completion runs them in a `$(...)`.
_kvm_cloud_zsh() {
  local COMP_CWORD=$((CURRENT - 1)) ends=' '
  # shellcheck disable=SC2154 # Zsh's
  local -a COMP_WORDS=("${words[@]}") COMPREPLY=()
  emulate ksh -c _kvm_cloud
  [[ -z $_kvm_cloud_goes_on ]] || ends=''
  compadd -S "$ends" -a COMPREPLY || _default
}

complete -F _kvm_cloud -o default kvm-cloud
[[ -z ${ZSH_VERSION:-} ]] || compdef _kvm_cloud_zsh kvm-cloud
