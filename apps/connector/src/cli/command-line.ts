import type { Command } from 'commander'
import { AdminClient } from './admin-client.js'
import { locateNode, type NodeOptions } from './node-location.js'
import { type Style, styleOf } from './style.js'
import type { Terminal } from './terminal.js'

/** What came of a command: the same thing for people and for programs. */
export interface Result {
  /** Printed as JSON, with `--json`. */
  readonly document: unknown
  /** Printed otherwise. */
  readonly text: (style: Style) => string
  readonly exitCode?: number
}

/** What a command's work is done with. */
export interface Context {
  readonly terminal: Terminal
  /** For what is said besides the result. */
  readonly style: Style
  readonly isJson: boolean
  readonly config: string | undefined
  /** The node that the command line, the environment or the configuration names. */
  readonly node: () => Promise<AdminClient>
}

/** Gives what is to be printed; or an exit code, where nothing is. */
export type Work<Args extends unknown[], Options> = (
  context: Context,
  args: Args,
  options: Options,
) => Promise<Result | number | undefined>

interface SharedOptions extends NodeOptions {
  readonly json?: boolean
}

/** Makes the commands of a program. */
export interface CommandLine {
  /** A command that does something, and prints what came of it. At least one example. */
  readonly add: <Args extends unknown[] = [], Options = object>(
    parent: Command,
    usage: string,
    texts: {
      readonly description: string
      readonly examples: readonly [string, ...string[]]
      readonly notes?: string
    },
    work: Work<Args, Options>,
  ) => Command
  /** A command that has others. */
  readonly group: (parent: Command, name: string, description: string, example: string) => Command
}

export function createCommandLine(terminal: Terminal, exit: (code: number) => void): CommandLine {
  const contextOf = (command: Command): Context => {
    const options = command.optsWithGlobals<SharedOptions>()
    let client: Promise<AdminClient> | undefined
    return {
      terminal,
      style: styleOf(terminal.err, terminal),
      isJson: options.json === true,
      config: options.config,
      node: () => {
        client ??= locateNode(options, terminal).then(location => new AdminClient(location))
        return client
      },
    }
  }

  const print = ({ document, text, exitCode = 0 }: Result, { isJson }: Context): void => {
    const shown = isJson ? JSON.stringify(document) : text(styleOf(terminal.out, terminal))
    terminal.out.write(`${shown}\n`)
    exit(exitCode)
  }

  return {
    add: (parent, usage, { description, examples, notes }, work) => {
      const command = parent.command(usage).description(description)
      if (notes !== undefined) command.addHelpText('after', `\n${notes}`)
      return command.addHelpText('after', exampleText(examples)).action(async () => {
        const context = contextOf(command)
        const result = await work(context, command.processedArgs as never, command.opts() as never)
        if (typeof result === 'number') exit(result)
        else if (result) print(result, context)
      })
    },
    group: (parent, name, description, example) =>
      parent
        .command(name)
        .description(description)
        .addHelpText('after', exampleText([example])),
  }
}

const exampleText = (examples: readonly string[]): string =>
  `\nExample${examples.length > 1 ? 's' : ''}:\n${examples.map(line => `  ${line}`).join('\n')}`

/** Takes what an option is given once or more. */
export const collect = (value: string, former: readonly string[] = []): readonly string[] => [
  ...former,
  value,
]
