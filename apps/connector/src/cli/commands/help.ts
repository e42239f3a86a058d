import type { Command } from 'commander'
import type { CommandLine } from '../command-line.js'
import { wrongUsage } from '../failure.js'

export const helpCommand = (program: Command, { add }: CommandLine): Command =>
  add<[string[]]>(
    program,
    'help [command...]',
    {
      description: 'tell what a command does, with examples',
      examples: ['ilp-connector help pay', 'ilp-connector help accounts create'],
    },
    async ({ isJson }, [names]) => {
      let command = program
      for (const name of names) {
        const inner = command.commands.find(one => one.name() === name)
        if (!inner)
          throw wrongUsage(`there is no command ${names.join(' ')}`, 'ilp-connector help lists all.')
        command = inner
      }
      if (isJson) return { document: described(command), text: () => '' }
      command.outputHelp()
      return undefined
    },
  )

const described = (command: Command): object => ({
  name: command.name(),
  description: command.description(),
  usage: command.usage(),
  options: command.options.map(({ flags, description }) => ({ flags, description })),
  commands: command.commands
    .filter(one => !one.name().startsWith('__'))
    .map(one => ({ name: one.name(), description: one.description() })),
})
