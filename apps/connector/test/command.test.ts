import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { configFile, ready, run, runToEnd } from './support/command.js'
import { settings } from './support/settings.js'

const YAML = `
ilpAddress: test.alice          # ours
listen: 127.0.0.1:0
adminListen: 127.0.0.1:0
adminToken: token-of-the-operator
secretSeed: ${'42'.repeat(32)}
store: memory:
accounts:
  - username: bob
    relation: child
    asset: { code: USD, scale: 9 }
`

describe('ilp-connector start', () => {
  it('reads YAML, and says once that it is ready, when all its listeners are open', async () => {
    const command = await ready(run(['start', '--config', await configFile(YAML)]))
    const answers = await Promise.all([
      fetch(`${command.url}/accounts/bob/ilp`, { method: 'POST' }),
      fetch(`${command.adminUrl}/health`),
      command.admin('/accounts/bob/balance'),
    ])
    expect(answers.map(({ status }) => status)).toEqual([401, 200, 200])
    expect(command.readyLine.address).toBe('test.alice')
    command.signal('SIGTERM')
    expect(await command.ended()).toBe(0)
    const lines = command.child.output().trim().split('\n')
    expect(lines.filter(line => line.includes('ready'))).toHaveLength(1)
  })

  it('reads JSON, with ILP_ variables of the environment on top', async () => {
    const file = await configFile(JSON.stringify(settings({ ilpAddress: 'test.alice' })), 'connector.json')
    const command = await ready(
      run(['start', '-c', file], {
        ILP_ADDRESS: 'test.other',
        ILP_ADMIN_TOKEN: 'another',
        ILP_ACCOUNTS: '[{ username: eve, relation: peer, asset: { code: EUR, scale: 2 } }]',
      }),
    )
    expect(command.readyLine.address).toBe('test.other')
    const response = await fetch(`${command.adminUrl}/accounts/eve/balance`, {
      headers: { authorization: 'Bearer another' },
    })
    expect(await response.json()).toMatchObject({ asset: { code: 'EUR', scale: 2 } })
  })

  it('refuses a wrong configuration with the path of each setting and what it expected', async () => {
    const file = await configFile(`${YAML}
  - username: eve
    relation: friend
    asset: { code: USD, scale: 9 }
    minBalance: -5
nonsense: true
`)
    const { output, exitCode } = await runToEnd(['start', '--config', file])
    expect(exitCode).toBe(1)
    expect(output.trim().split('\n').toSorted()).toEqual([
      'The configuration is refused:',
      expect.stringMatching(/^accounts\[1\]\.minBalance: expected string/),
      expect.stringMatching(/^accounts\[1\]\.relation: expected one of "parent"\|"peer"\|"child"\|"local"/),
      'nonsense: unknown setting',
    ])
  })

  it.each(['listen', 'adminListen'])('says which address of %s is in use', async setting => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`
    const file = await configFile(JSON.stringify(settings({ ilpAddress: 'test.alice', [setting]: taken })))
    const { output, exitCode } = await runToEnd(['start', '--config', file])
    expect(exitCode).toBe(1)
    expect(output.split('\n')).toContain(
      `The connector can't start: listen EADDRINUSE: address already in use ${taken}`,
    )
    expect(output).not.toContain('"ready"')
  })

  it('says which file it can not read', async () => {
    const { output, exitCode } = await runToEnd(['start', '--config', '/nowhere/connector.yaml'])
    expect([exitCode, output]).toEqual([
      1,
      "The configuration is refused:\n/nowhere/connector.yaml can't be read: ENOENT\n",
    ])
  })
})

describe('ilp-connector', () => {
  it.each([
    [['begin'], "error: unknown command 'begin'"],
    [['start', '--configuration', 'x'], "error: unknown option '--configuration'"],
    [['start', '--config'], "error: option '-c, --config <file>' argument missing"],
    [[], 'Usage: ilp-connector'],
  ])('%j is answered with what is wrong, and exit code 2', async (args, message) => {
    const { output, exitCode } = await runToEnd(args)
    expect(output).toContain(message)
    expect(exitCode).toBe(2)
  })
})
