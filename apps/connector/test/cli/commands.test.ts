import { readFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.js'
import { cli, document } from '../support/cli.js'

let printed = ''
const sink = {
  write: (text: unknown) => {
    printed += String(text)
    return true
  },
}

/** The command, with nothing around it. */
const newProgram = (): Command =>
  createProgram(
    {
      environment: {},
      stdin: new PassThrough(),
      out: sink,
      err: sink,
      onInterrupt: () => () => {},
      leave: () => {},
      version: () => '0',
    },
    { isJson: false, exit: () => {} },
  )

/** The commands below one, those that shells alone call left out. */
const below = (command: Command): Command[] =>
  command.commands.filter(one => !one.name().startsWith('__')).flatMap(one => [one, ...below(one)])

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()

function helpOf(command: Command): string {
  printed = ''
  command.outputHelp()
  return printed
}

const examplesIn = (help: string): string[] =>
  [...help.slice(help.search(/^Examples?:$/m)).matchAll(/^ {2}(\S.*)$/gm)].map(([, line = '']) => line)

const all = below(newProgram())
const leaves = all.filter(({ commands }) => commands.length === 0)

describe('each command', () => {
  it.each(all.map(command => [nameOf(command), command] as const))(
    '%s has a description, and an example that it takes',
    async (name, command) => {
      expect(command.description()).toMatch(/^\S.{10,}[^.]$/)
      for (const option of command.options) expect(option.description, option.flags).toMatch(/^\S/)
      const examples = examplesIn(helpOf(command))
      expect(examples.length).toBeGreaterThan(0)
      for (const example of examples) {
        expect(example).toContain(name)
        expect(await reached(wordsOf(example))).toMatch(new RegExp(`^${name}( |$)`))
      }
    },
  )

  it('is in the README, and no other one', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    const part = readme.slice(readme.indexOf('\n## Commands\n'))
    const table = part.slice(0, part.indexOf('\n## ', 1))
    const named = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => `ilp-connector ${cell}`)
    const usages = leaves.map(command => {
      const given = command.registeredArguments.map(argument => {
        const inner = `${argument.name()}${argument.variadic ? '...' : ''}`
        return argument.required ? `<${inner}>` : `[${inner}]`
      })
      return [nameOf(command), ...given].join(' ')
    })
    expect(named.toSorted()).toEqual(usages.toSorted())
  })
})

/** The words of an example, as a shell makes them. */
function wordsOf(example: string): string[] {
  const [, line = ''] = /(ilp-connector .*?)( [<>|] \S.*|\))?$/.exec(example) ?? []
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)]
  return words.slice(1).map(([, one, other, plain]) => one ?? other ?? plain ?? '')
}

/** The command that a line of words leads to, which does nothing: it takes all of them, or throws. */
async function reached(words: readonly string[]): Promise<string> {
  const program = newProgram()
  let name = ''
  for (const command of below(program)) {
    command.action(() => {
      name = nameOf(command)
    })
  }
  await program.parseAsync(words, { from: 'user' })
  return name
}

describe('help', () => {
  it('tells what a command takes, with examples', async () => {
    const pay = (await cli(['help', 'pay'])).out
    expect(pay).toMatch(/^Usage: ilp-connector pay \[options\] <receiver> <amount>\n/)
    expect(pay).toMatch(/\nExamples:\n {2}ilp-connector pay '\$example\.com\/bob' 1000000\n/)
    expect((await cli(['pay', '--help'])).out).toBe(pay)
    const nested = await cli(['help', 'accounts', 'create'])
    expect([nested.exitCode, nested.out]).toEqual([
      0,
      expect.stringMatching(/^Usage: ilp-connector accounts create /),
    ])
  })

  it('lists all commands, and the exit codes', async () => {
    const { exitCode, out } = await cli(['help'])
    expect(exitCode).toBe(0)
    for (const command of newProgram().commands) {
      if (!command.name().startsWith('__')) expect(out).toContain(`\n  ${command.name()}`)
    }
    expect(out).toMatch(/^Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 /m)
  })

  it('is a document with --json, and knows what there is not', async () => {
    expect(document((await cli(['help', 'pay', '--json'])).out)).toMatchObject({ name: 'pay', commands: [] })
    expect(await cli(['help', 'nothing'])).toMatchObject({
      exitCode: 2,
      err: 'error: there is no command nothing\nNext: ilp-connector help lists all.\n',
    })
  })
})

describe('wrong usage', () => {
  it.each([
    [['acounts'], /^error: unknown command 'acounts'\n\(Did you mean accounts\?\)\nNext: ilp-connector help/],
    [['accounts', 'lst'], /^error: unknown command 'lst'\n\(Did you mean list\?\)\n/],
    [['accounts', 'show'], /^error: missing required argument 'username'\n/],
    [
      ['accounts', 'show', 'a', 'b'],
      /^error: too many arguments for 'show'\. Expected 1 argument but got 2\.\n/,
    ],
    [
      ['accounts', 'list', '--relations', 'x'],
      /^error: unknown option '--relations'\n\(Did you mean --relation\?\)\n/,
    ],
    [['accounts'], /^Usage: ilp-connector accounts /],
    [[], /^Usage: ilp-connector /],
  ])('%j is answered with what is wrong, what to do next, and exit code 2', async (args, message) => {
    expect(await cli(args)).toEqual({ exitCode: 2, out: '', err: expect.stringMatching(message) })
    const { exitCode, out, err } = await cli([...args, '--json'])
    expect([exitCode, err]).toEqual([2, ''])
    expect(document(out).error).toMatchObject({ code: 'usage', message: expect.stringMatching(/^[^\n]/) })
  })
})
