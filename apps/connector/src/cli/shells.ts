/** What a shell is told so that it asks `ilp-connector __complete` what may come next. */
export const COMPLETION_SCRIPTS = {
  bash: `# Completion of ilp-connector for bash. In ~/.bashrc: source <(ilp-connector completion bash)
_ilp_connector() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ':files' ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    line="\${line%%$'\\t'*}"
    if [[ $line == "$current"* ]]; then COMPREPLY+=("$line"); fi
  done < <("$1" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _ilp_connector ilp-connector`,
  zsh: `#compdef ilp-connector
# Completion of ilp-connector for zsh. In ~/.zshrc, behind compinit: source <(ilp-connector completion zsh)
_ilp_connector() {
  local -a found
  local line
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ':files' ]]; then
      _files
      return
    fi
    [[ -n $line ]] && found+=("\${\${line//:/\\\\:}/$'\\t'/:}")
  done
  (( \${#found} )) && _describe 'ilp-connector' found
}
compdef _ilp_connector ilp-connector`,
  fish: `# Completion of ilp-connector for fish. In ~/.config/fish/config.fish: ilp-connector completion fish | source
function __ilp_connector_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] __complete -- $words[2..-1] 2>/dev/null)
  if test "$found[1]" = ':files'
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c ilp-connector -f -a '(__ilp_connector_complete)'`,
} as const

export type Shell = keyof typeof COMPLETION_SCRIPTS

export const SHELLS = Object.keys(COMPLETION_SCRIPTS) as Shell[]
