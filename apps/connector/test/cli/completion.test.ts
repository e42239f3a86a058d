import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { cli, document, nodeForAll, program } from '../support/cli.js'
import { configFile } from '../support/command.js'
import { account, local } from '../support/settings.js'

const node = nodeForAll({ ilpAddress: 'test.node', accounts: [local('alice'), account('bob')] })

const { PATH = '' } = process.env

/** What a shell prints in which `ilp-connector` is installed, and knows its node. */
async function shell(name: string, script: string, environment = node.environment()): Promise<string> {
  const launcher = `#!/bin/sh\nexec '${process.execPath}' '${await program()}' "$@"\n`
  const file = await configFile(launcher, 'ilp-connector')
  await chmod(file, 0o755)
  const env = { ...environment, PATH: `${dirname(file)}:${PATH}`, HOME: dirname(file) }
  return (await promisify(execFile)(name, ['-c', script], { env })).stdout
}

/** What bash offers for the last word of each of these lines. */
async function bash(lines: readonly (readonly string[])[], environment?: Record<string, string>) {
  const asks = lines.map(words => `ask ilp-connector ${words.map(word => `'${word}'`).join(' ')}`)
  const script = `
    source <(ilp-connector completion bash)
    complete -p ilp-connector
    ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ilp_connector "$1"; echo "\${COMPREPLY[*]}"; }
    ${asks.join('\n')}`
  const [registered, ...answers] = (await shell('bash', script, environment)).split('\n').slice(0, -1)
  expect(registered).toBe('complete -F _ilp_connector ilp-connector')
  return answers.map(answer => answer.split(' '))
}

describe('completion in bash', () => {
  it('offers commands, options, and what these take', async () => {
    const [all, begun, inner, options, choices, after, equal, shells] = await bash([
      [''],
      ['acc'],
      ['accounts', 'ad'],
      ['pay', 'x', '5', '--s'],
      ['accounts', 'list', '--relation', 'p'],
      ['--json', '--url', 'http://x', 'routes', 'a'],
      ['routes', 'list', '--origin=static', '--ori'],
      ['completion', ''],
    ])
    expect(all).toEqual(expect.arrayContaining(['start', 'status', 'accounts', 'pay', 'ping', 'events']))
    expect(all?.some(word => word.startsWith('_'))).toBe(false)
    expect([begun, inner]).toEqual([['accounts'], ['adjust', 'adjustments']])
    expect(options).toEqual(['--source-max', '--slippage', '--secret-file'])
    expect(choices).toEqual(['parent', 'peer'])
    expect([after, equal]).toEqual([['add'], ['--origin']])
    expect(shells).toEqual(['bash', 'zsh', 'fish'])
  })

  it('offers the accounts of the node, and none where it is not known', async () => {
    const lines = [
      ['accounts', 'show', ''],
      ['routes', 'add', 'test.x', 'b'],
      ['pay', 'x', '5', '--account', 'a'],
      ['accounts', 'balance', 'alice', ''],
    ]
    expect(await bash(lines)).toEqual([['alice', 'bob'], ['bob'], ['alice'], ['alice', 'bob']])
    expect(await bash(lines.slice(0, 1).concat([['']]), {})).toEqual([
      [''],
      expect.arrayContaining(['start']),
    ])
  })

  it('leaves files to the shell', async () => {
    expect(
      await bash([
        ['config', 'check', ''],
        ['start', '--config', ''],
        ['routes', 'remove', ''],
      ]),
    ).toEqual([[''], [''], ['']])
    const { out } = await cli(['__complete', '--', 'start', '--config', ''])
    expect(out).toBe(':files\n')
  })
})

describe('completion in other shells', () => {
  /** The shell, where the machine has it. */
  const found = (name: string) => (PATH.split(':').some(dir => existsSync(`${dir}/${name}`)) ? [name] : [])

  it.each(found('zsh'))('works in %s', async zsh => {
    const script = `
      compdef() { echo "$*" }
      _describe() { print -rl -- "\${found[@]}" }
      source <(ilp-connector completion zsh)
      words=(ilp-connector accounts show ''); CURRENT=4; _ilp_connector
      words=(ilp-connector accounts rot); CURRENT=3; _ilp_connector`
    const lines = (await shell(zsh, script)).split('\n')
    expect(lines.slice(0, 3)).toEqual(['_ilp_connector ilp-connector', 'alice:local', 'bob:child'])
    expect(lines).toContainEqual(expect.stringMatching(/^rotate-token:give an account/))
  })

  it.each(found('fish'))('works in %s', async fish => {
    const script = `
      ilp-connector completion fish | source
      complete -C 'ilp-connector accounts show '
      complete -C 'ilp-connector acc'`
    const lines = (await shell(fish, script)).split('\n')
    expect(lines).toEqual(['alice\tlocal', 'bob\tchild', expect.stringMatching(/^accounts\t/), ''])
  })

  it('is printed as a document as well', async () => {
    const { out } = await cli(['completion', 'fish', '--json'])
    expect(document(out)).toEqual({
      shell: 'fish',
      script: expect.stringContaining('complete -c ilp-connector'),
    })
    expect((await cli(['completion', 'csh'])).exitCode).toBe(2)
  })
})
