import { Argument, type Command } from 'commander'
import type { CommandLine } from '../command-line.js'

interface Level {
  readonly level: string
}

export const logLevelCommand = (program: Command, { add }: CommandLine): Command =>
  add<[string | undefined]>(
    program,
    'log-level',
    {
      description: 'show from which level on the node writes to its log, or change it until it ends',
      examples: ['ilp-connector log-level', 'ilp-connector log-level debug'],
    },
    async ({ node: nodeOf }, [level]) => {
      const node = await nodeOf()
      const shown =
        level === undefined
          ? await node.call<Level>('GET', '/log-level')
          : await node.call<Level>('PUT', '/log-level', { body: { level } })
      return { document: shown, text: () => shown.level }
    },
  ).addArgument(
    new Argument('[level]', 'the level from now on').choices(['debug', 'info', 'warn', 'error', 'silent']),
  )
