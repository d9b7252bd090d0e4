import { CommandError } from './command.ts';

/** A command as a shell completes it. */
export interface Completed {
  readonly name: string;
  readonly does: string;
  /** What may stand first behind it. */
  readonly actions: readonly string[];
  /** With their dashes. */
  readonly options: readonly string[];
}

export const shells = ['bash', 'zsh', 'fish'] as const;

/** The options that a usage names. */
export function optionsIn(usage: string): readonly string[] {
  return [...new Set(usage.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []), '--help'];
}

/** The script that a shell reads, to know the commands of `tandas`. Files complete where nothing else does. */
export function completionFor(shell: string | undefined, commands: readonly Completed[]): string {
  const known = shells.join(', ');
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
    default:
      throw new CommandError(
        `tandas completion ${known.replaceAll(', ', '|')}: indique para cuál (say for which shell)`,
      );
  }
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(
    ({ name, actions, options }) =>
      `    ${name}) words="${options.join(' ')}"; [ "$COMP_CWORD" -eq 2 ] && words="$words ${actions.join(' ')}" ;;`,
  );
  return `# tandas completion bash > ~/.local/share/bash-completion/completions/tandas
_tandas() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${namesOf(commands)}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
    help) words="${commands.map(({ name }) => name).join(' ')}" ;;
    completion) words="${shells.join(' ')}" ;;
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _tandas tandas
`;
}

function zsh(commands: readonly Completed[]): string {
  const cases = commands.map(
    ({ name, actions, options }) =>
      `    ${name}) choices=(${options.join(' ')}); (( CURRENT == 3 )) && choices+=(${actions.join(' ')}) ;;`,
  );
  return `#compdef tandas
# tandas completion zsh > "\${fpath[1]}/_tandas"
_tandas() {
  local -a words_of choices
  if (( CURRENT == 2 )); then
    words_of=(${commands.map(({ name, does }) => quoted(`${name}:${does}`)).join(' ')} help completion)
    _describe 'tandas' words_of
    return
  fi
  case "\${words[2]}" in
    help) choices=(${commands.map(({ name }) => name).join(' ')}) ;;
    completion) choices=(${shells.join(' ')}) ;;
${cases.join('\n')}
  esac
  compadd -a choices
  _files
}
compdef _tandas tandas
`;
}

function fish(commands: readonly Completed[]): string {
  const first = '__fish_use_subcommand';
  const lines = commands.flatMap(({ name, does, actions, options }) => [
    `complete -c tandas -n ${first} -f -a ${name} -d ${quoted(does)}`,
    ...actions.map((action) => `complete -c tandas -n '__fish_seen_subcommand_from ${name}' -a ${action}`),
    ...options.map(
      (option) => `complete -c tandas -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`,
    ),
  ]);
  return `# tandas completion fish > ~/.config/fish/completions/tandas.fish
complete -c tandas -n ${first} -f -a help
complete -c tandas -n ${first} -f -a completion
complete -c tandas -n '__fish_seen_subcommand_from completion' -f -a '${shells.join(' ')}'
complete -c tandas -n '__fish_seen_subcommand_from help' -f -a '${commands.map(({ name }) => name).join(' ')}'
${lines.join('\n')}
`;
}

function namesOf(commands: readonly Completed[]): string {
  return [...commands.map(({ name }) => name), 'help', 'completion'].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", '')}'`;
}
