import { Argument, type Command } from 'commander'
import { AdminClient } from '../admin-client.js'
import type { ShownAccount } from '../api-types.js'
import type { CommandLine } from '../command-line.js'
import { candidatesFor } from '../complete.js'
import { locateNode } from '../node-location.js'
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../shells.js'
import { harmless } from '../style.js'
import type { Terminal } from '../terminal.js'

export function completionCommands(program: Command, { add }: CommandLine, terminal: Terminal): void {
  add<[Shell]>(
    program,
    'completion',
    {
      description: 'print what makes a shell complete this command',
      examples: [
        'source <(ilp-connector completion bash)',
        'source <(ilp-connector completion zsh)',
        'ilp-connector completion fish | source',
      ],
      notes: 'Usernames are completed as well, where it is known which node they are at.',
    },
    async (_, [shell]) => {
      const script = COMPLETION_SCRIPTS[shell]
      return { document: { shell, script }, text: () => script }
    },
  ).addArgument(new Argument('<shell>', 'which one').choices(SHELLS))

  program
    .command('__complete [words...]', { hidden: true })
    .description('for shells: what may stand in the place of the last word')
    .action(async (words: string[]) => {
      for (const line of await linesFor(program, words, terminal)) terminal.out.write(`${line}\n`)
    })
}

async function linesFor(program: Command, words: readonly string[], terminal: Terminal): Promise<string[]> {
  const found = candidatesFor(program, words)
  if ('files' in found) return [':files']
  if ('words' in found) return found.words.map(({ word, description }) => `${word}\t${description}`)
  try {
    return await usernames(found.options, terminal)
  } catch {
    // Nobody waits for the reason behind a Tab.
    return []
  }
}

const PATIENCE_MS = 2_000

/** One page of them: who has more, knows how they begin. */
async function usernames(options: ReadonlyMap<string, string>, terminal: Terminal): Promise<string[]> {
  const given = Object.fromEntries([...options].filter(([, file]) => file !== '-'))
  const node = new AdminClient(await locateNode(given, terminal))
  const request = { query: { limit: 1_000 }, timeoutMs: PATIENCE_MS }
  const accounts = await node.call<ShownAccount[]>('GET', '/accounts', request)
  return accounts.map(({ username, relation }) => `${harmless(username)}\t${relation}`)
}
