import type { Argument, Command, Option } from 'commander'

/** What may stand next on a command line. */
export type Candidates =
  | { readonly words: readonly Candidate[] }
  /** The name of a file, which shells know themselves. */
  | { readonly files: true }
  /** The username of an account. */
  | { readonly accounts: true; readonly options: ReadonlyMap<string, string> }

export interface Candidate {
  readonly word: string
  readonly description: string
}

/**
 * What may stand in the place of the last of these words, which has perhaps begun.
 * @param words what is typed behind the program's name
 */
export function candidatesFor(program: Command, words: readonly string[]): Candidates {
  const [before, current] = [words.slice(0, -1), words.at(-1) ?? '']
  const { command, options, position, pending } = walk(program, before)
  if (pending) return valuesOf(pending.name(), pending.argChoices, pending.flags, options)
  if (current.startsWith('-')) return { words: optionsOf(command) }
  const { commands } = command
  if (commands.length > 0) {
    const shown = commands.filter(one => !isHidden(one))
    return { words: shown.map(one => ({ word: one.name(), description: one.description() })) }
  }
  const all = command.registeredArguments
  const argument = all[position] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined)
  return argument
    ? valuesOf(argument.name(), argument.argChoices, `<${argument.name()}>`, options)
    : { words: [] }
}

interface Walk {
  readonly command: Command
  /** What options were given, by their names. */
  readonly options: ReadonlyMap<string, string>
  /** How many arguments were given. */
  readonly position: number
  /** The option whose value comes next. */
  readonly pending: Option | undefined
}

function walk(program: Command, words: readonly string[]): Walk {
  const options = new Map<string, string>()
  let [command, position] = [program, 0]
  let pending: Option | undefined
  for (const word of words) {
    if (pending) {
      options.set(pending.attributeName(), word)
      pending = undefined
    } else if (word.startsWith('-')) {
      const [flag = '', value] = word.split(/=(.*)/s)
      const all = chain(command).flatMap(one => one.options)
      const option = all.find(({ long, short }) => flag === long || flag === short)
      if (option?.required && value === undefined) pending = option
      else if (option && value !== undefined) options.set(option.attributeName(), value)
    } else {
      const inner = command.commands.find(one => one.name() === word)
      if (inner) command = inner
      else position += 1
    }
  }
  return { command, options, position, pending }
}

/** The command, and those that it is one of. */
const chain = (command: Command): Command[] => [command, ...(command.parent ? chain(command.parent) : [])]

const isHidden = (command: Command): boolean => command.name().startsWith('__')

const optionsOf = (command: Command): Candidate[] =>
  [...chain(command).flatMap(one => one.options), HELP].map(({ long, short, description }) => ({
    word: long ?? short ?? '',
    description: description ?? '',
  }))

const HELP: Pick<Option, 'long' | 'short' | 'description'> = { long: '--help', description: 'display help' }

function valuesOf(
  name: string,
  choices: Argument['argChoices'],
  flags: string,
  options: ReadonlyMap<string, string>,
): Candidates {
  if (choices) return { words: choices.map(word => ({ word, description: '' })) }
  if (/username|account/.test(name)) return { accounts: true, options }
  return /[<[]file[>\]]/.test(flags) || name === 'file' ? { files: true } : { words: [] }
}
