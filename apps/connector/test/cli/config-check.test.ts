import { describe, expect, it } from 'vitest'
import { cli, document } from '../support/cli.js'
import { configFile } from '../support/command.js'
import { account, settings } from '../support/settings.js'

const right = settings({ ilpAddress: 'test.node', accounts: [account('bob')] })
const fileOf = (content: object): Promise<string> => configFile(JSON.stringify(content))

describe('config check', () => {
  it('says that all is as it should be', async () => {
    const file = await fileOf(right)
    expect(await cli(['config', 'check', file])).toEqual({
      exitCode: 0,
      out: `✓ ${file} is as it should be\n`,
      err: '',
    })
    const { exitCode, out } = await cli(['config', 'check', '--config', file, '--json'])
    expect([exitCode, document(out)]).toEqual([0, { config: file, isRight: true, faults: [] }])
  })

  it('says of each setting that is wrong what was expected', async () => {
    const file = await fileOf({
      ...right,
      listen: 'here',
      nonsense: 1,
      accounts: [account('bob', { relation: 'friend', minBalance: -5 })],
    })
    const { exitCode, out } = await cli(['config', 'check', file])
    expect(exitCode).toBe(1)
    const lines = out.split('\n')
    expect(lines[0]).toBe(`✗ ${file}: 4 things are wrong`)
    expect(lines).toContain('  listen: expected HOST:PORT, such as 127.0.0.1:7770')
    expect(lines).toContain('  nonsense: unknown setting')
    expect(out).toMatch(/^ {2}accounts\[0\]\.relation: expected one of "parent"/m)
    expect(out).toMatch(/^ {2}accounts\[0\]\.minBalance: expected string/m)
    const json = await cli(['config', 'check', file, '--json'])
    const { isRight, faults } = document(json.out)
    expect([json.exitCode, isRight, faults]).toEqual([
      1,
      false,
      expect.arrayContaining([{ path: 'nonsense', message: 'unknown setting' }]),
    ])
    expect(faults).toHaveLength(4)
  })

  it('looks at what goes together, and at files that are named', async () => {
    const file = await fileOf({
      ...right,
      tls: { cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' },
      outgoingTls: { ca: '/nowhere/ca.pem' },
    })
    const { out } = await cli(['config', 'check', file, '--json'])
    expect(document(out).faults).toEqual([
      { path: 'tls.cert', message: "/nowhere/cert.pem can't be read: ENOENT" },
      { path: 'outgoingTls.ca', message: "/nowhere/ca.pem can't be read: ENOENT" },
    ])
    const twice = await fileOf({ ...right, accounts: [account('bob'), account('bob')] })
    expect((await cli(['config', 'check', twice])).out).toMatch(
      /accounts\[1\]\.username: accounts\[0\] has this/,
    )
  })

  it('puts variables of the environment on top, but for the one that names a node', async () => {
    const file = await fileOf(right)
    const check = (environment: Readonly<Record<string, string>>) =>
      cli(['config', 'check', file, '--json'], { environment })
    expect((await check({ ILP_ADMIN_URL: 'http://127.0.0.1:1' })).exitCode).toBe(0)
    expect(document((await check({ ILP_LISTEN: 'x' })).out).faults).toMatchObject([{ path: 'listen' }])
    expect(document((await cli(['config', 'check', '--json'])).out).faults).toContainEqual(
      expect.objectContaining({ path: 'secretSeed' }),
    )
  })

  it('says how to name a file where nothing is named, as start does', async () => {
    const check = await cli(['config', 'check'])
    expect([check.exitCode, check.out]).toEqual([
      1,
      expect.stringMatching(/\nName a file: ilp-connector config check FILE\n$/),
    ])
    const start = await cli(['start'])
    expect([start.exitCode, start.err]).toEqual([
      1,
      expect.stringMatching(/\nNext: name its file: ilp-connector start --config FILE\n$/),
    ])
  })

  it.each([
    ['that is not there', undefined, /^ {2}\/nowhere can't be read: ENOENT$/m],
    ['that is no YAML', 'a: [', /^ {2}\S+connector\.yaml: /m],
  ])('says so of a file %s', async (_, content, message) => {
    const file = content === undefined ? '/nowhere' : await configFile(content)
    const { exitCode, out } = await cli(['config', 'check', file])
    expect([exitCode, out]).toEqual([1, expect.stringMatching(message)])
  })
})
