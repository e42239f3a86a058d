import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { freePorts } from '@ilp/test-peers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cli, NodeWithCli, nodeForAll, startCli } from '../support/cli.js'
import { configFile } from '../support/command.js'
import { eventually } from '../support/eventually.js'
import { ADMIN_TOKEN } from '../support/face.js'
import { local, settings } from '../support/settings.js'

const node = nodeForAll({ ilpAddress: 'test.node', accounts: [local('alice')] })

/** The usernames that `accounts list` prints, or why it doesn't. */
async function asked(args: readonly string[], environment = {}, input = '') {
  const { out, exitCode } = await cli(['accounts', 'list', '--json', ...args], { environment, input })
  const shown = JSON.parse(out)
  return exitCode === 0
    ? shown.map(({ username }: { username: string }) => username)
    : [exitCode, shown.error]
}

describe('the node that is asked', () => {
  it('is the one of --url, with the token of --token, of a file, or of the standard input', async () => {
    const url = ['--url', node.node.adminUrl]
    const file = await configFile(`${ADMIN_TOKEN}\n`, 'token.txt')
    expect(await asked([...url, '--token', ADMIN_TOKEN])).toEqual(['alice'])
    expect(await asked([...url, '--token-file', file])).toEqual(['alice'])
    expect(await asked([...url, '--token-file', '-'], {}, `${ADMIN_TOKEN}\n`)).toEqual(['alice'])
    // Before the command as well.
    expect((await cli([...url, '--token-file', file, 'status'])).exitCode).toBe(0)
  })

  it('is the one of the environment, where the line says nothing', async () => {
    const environment = { ILP_ADMIN_URL: `${node.node.adminUrl}/`, ILP_ADMIN_TOKEN: ADMIN_TOKEN }
    expect(await asked([], environment)).toEqual(['alice'])
    expect(await asked(['--token', 'wrong'], environment)).toMatchObject([3, { code: 'unauthorised' }])
    const listen = { ILP_ADMIN_LISTEN: new URL(node.node.adminUrl).host, ILP_ADMIN_TOKEN: ADMIN_TOKEN }
    expect(await asked([], listen)).toEqual(['alice'])
    expect(await asked([], { ...listen, ILP_ADMIN_LISTEN: 'here' })).toMatchObject([2, { code: 'usage' }])
  })

  it('is the one of its configuration file, with ILP_ variables on top', async () => {
    const { port } = new URL(node.node.adminUrl)
    const config = (more: object) =>
      configFile(
        JSON.stringify(settings({ ilpAddress: 'test.node', adminListen: `0.0.0.0:${port}`, ...more })),
      )
    expect(await asked(['--config', await config({})])).toEqual(['alice'])
    const wrong = await config({ adminToken: 'another' })
    expect(await asked(['-c', wrong])).toMatchObject([3, { code: 'unauthorised' }])
    expect(await asked(['-c', wrong], { ILP_ADMIN_TOKEN: ADMIN_TOKEN })).toEqual(['alice'])
    expect(await asked(['-c', wrong, '--token', ADMIN_TOKEN])).toEqual(['alice'])
  })

  it.each([
    ['adminListen has port 0', { adminListen: '127.0.0.1:0' }, /^adminListen has port 0/],
    ['there is no adminListen', { adminListen: undefined }, /has no adminListen/],
    ['it is refused', { nonsense: 1 }, /^the configuration is refused:\nnonsense: unknown setting$/],
  ])('is not known by a configuration where %s', async (_, more, message) => {
    const file = await configFile(JSON.stringify(settings({ ilpAddress: 'test.node', ...more })))
    const [exitCode, error] = await asked(['--config', file])
    expect([exitCode, error.message]).toEqual([2, expect.stringMatching(message)])
  })

  it('is not known where nothing names it', async () => {
    const { exitCode, err, out } = await cli(['status'])
    expect([exitCode, out]).toEqual([2, ''])
    expect(err).toMatch(
      /^error: it is not known where the node is\nNext: Name the node with --url and --token-file/,
    )
    expect(await asked(['--url', node.node.adminUrl])).toMatchObject([
      2,
      { message: "the node's admin token is not known" },
    ])
    expect(await asked(['--url', 'here', '--token', 'x'])).toMatchObject([2, { code: 'usage' }])
    const both = ['--url', node.node.adminUrl, '--token', 'x', '--token-file', '-']
    expect(await asked(both)).toMatchObject([2, { code: 'usage' }])
  })
})

describe('a node that does not do what it is asked for', () => {
  it('doesn’t take the token', async () => {
    const { exitCode, err } = await node.run(['accounts', 'list', '--token', 'wrong'])
    expect(exitCode).toBe(3)
    expect(err).toMatch(
      /^error: the node at http:\S+ doesn't take the token\nNext: Give its adminToken: --token-file/,
    )
    expect(err).not.toContain('wrong')
  })

  it('isn’t there', async () => {
    const [port] = await freePorts(1)
    const args = ['--url', `http://127.0.0.1:${port}`, '--token', 'x']
    const { exitCode, err } = await cli(['status', ...args])
    expect(exitCode).toBe(3)
    expect(err).toBe(
      `error: the node at http://127.0.0.1:${port} can't be reached: ECONNREFUSED\n` +
        'Next: Does it run? Start it with ilp-connector start --config FILE, or name another one with --url.\n',
    )
    expect(await asked(args)).toMatchObject([3, { code: 'unreachable' }])
  })

  it('is asked where it takes packets', async () => {
    const { port } = new URL(node.node.ilpUrl('alice'))
    const args = ['--url', `http://127.0.0.1:${port}`, '--token', ADMIN_TOKEN]
    for (const command of [['accounts', 'list'], ['status'], ['events']]) {
      const { exitCode, err } = await cli([...command, ...args])
      expect([exitCode, err]).toEqual([
        3,
        expect.stringMatching(
          / is no admin API of a connector\nNext: Name the node's adminListen with --url/,
        ),
      ])
    }
  })

  it('is something else, and does not get to send the token elsewhere', async () => {
    const seen: (string | undefined)[] = []
    const other = createServer(({ headers, url = '' }, response) => {
      seen.push(url)
      if (url.startsWith('/accounts'))
        response.writeHead(302, { location: `http://${headers.host}/elsewhere` })
      response.end('<html>')
    })
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    expect(await asked(['--url', url, '--token', 'x'])).toMatchObject([
      3,
      { message: `what answers at ${url} is no admin API of a connector` },
    ])
    expect((await cli(['rates', 'list', '--url', url, '--token', 'x'])).exitCode).toBe(3)
    expect(seen).toEqual(['/accounts?limit=1000', '/rates'])
  })

  it('stops while its events are read', async () => {
    const mortal = new NodeWithCli()
    const child = await mortal.start({ ilpAddress: 'test.mortal' })
    onTestFinished(child.stop)
    const events = await mortal.begin(['events'])
    await eventually(events.err).toMatch(/Listening/)
    mortal.node.signal('SIGTERM')
    const { exitCode, err } = await events.ended
    expect([exitCode, err]).toEqual([3, expect.stringMatching(/error: the node at \S+ has ended the stream/)])
  })
})

describe('a token', () => {
  it('is not seen by who lists processes', async () => {
    const events = await startCli(['events', '--url', node.node.adminUrl, '--token', ADMIN_TOKEN])
    await eventually(events.err).toMatch(/Listening/)
    const line = await readFile(`/proc/${events.process.pid}/cmdline`, 'utf8')
    expect(line).toMatch(/^ilp-connector/)
    expect(line).not.toContain(ADMIN_TOKEN)
    events.process.kill('SIGINT')
    expect(await events.ended).toMatchObject({ exitCode: 0, out: '' })
  })
})
