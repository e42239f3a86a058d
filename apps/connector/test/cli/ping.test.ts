import { describe, expect, it } from 'vitest'
import { document, nodeForAll } from '../support/cli.js'
import { eventually } from '../support/eventually.js'
import { account, local } from '../support/settings.js'

const node = nodeForAll({ ilpAddress: 'test.node', accounts: [local('alice'), account('bob')] })

describe('ping', () => {
  it('tells how long the way there and back takes', async () => {
    const lines = (await node.text('ping', 'test.node', '--count', '2', '--interval', '1ms')).split('\n')
    expect(lines).toEqual([
      expect.stringMatching(/^echo from test\.node: \d+\.\d ms$/),
      expect.stringMatching(/^echo from test\.node: \d+\.\d ms$/),
      expect.stringMatching(/^✓ test\.node is reached: 2 of 2 packets echoed, min\/mean\/max [\d./]+ ms$/),
      '',
    ])
    expect(await node.json('ping', 'test.node', '--account', 'alice', '--count', '1')).toMatchObject({
      destination: 'test.node',
      isReached: true,
      sent: 1,
      echoes: 1,
      roundTripMs: { min: expect.any(Number) },
      packets: [{ account: 'alice', method: 'echo', returned: '0', reject: null }],
    })
  })

  it('tells where the way ends', async () => {
    const { exitCode, out } = await node.run(['ping', 'test.node.bob', '--count', '1'])
    expect(exitCode).toBe(1)
    expect(out).toMatch(/^echo to test\.node\.bob rejected, T01 by test\.node: /)
    expect(out).toMatch(/^probe to test\.node\.bob rejected, T01 by test\.node: /m)
    expect(out).toMatch(/^✗ test\.node\.bob is not reached/m)
    expect(await node.run(['ping', 'test.node.bob', '--count', '1', '--json'])).toMatchObject({ exitCode: 1 })
  })

  it('reaches what does not echo', async () => {
    const text = await node.text('ping', 'test.node.alice', '--probe', '--count', '1')
    expect(text).toMatch(/^probe to test\.node\.alice reached, F06 by test\.node\.alice: /)
    expect(text).toMatch(/^✓ test\.node\.alice is reached: 0 of 1 packets echoed/m)
  })

  it('ends with SIGINT, and tells what it has seen', async () => {
    const pinging = await node.begin(['ping', 'test.node', '--count', '1000', '--interval', '1h'])
    await eventually(pinging.out).toMatch(/^echo/)
    pinging.process.kill('SIGINT')
    const { exitCode, out } = await pinging.ended
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/1 of 1 packets echoed/)])
  })

  it.each([
    [['far'], /^the node refuses what it was given$/],
    [['test.node', '--count', '0'], /^--count is 0: expected a whole number/],
    [['test.node', '--timeout', '31s'], /^--timeout is 31s: expected 30s at most$/],
    [['test.node', '--interval', 'soon'], /^--interval is "soon": expected a time such as 30s$/],
  ])('%j is wrong usage', async (args, message) => {
    const { exitCode, out } = await node.run(['ping', ...args, '--json'])
    expect([exitCode, document(out).error.message]).toEqual([2, expect.stringMatching(message)])
  })

  it('is refused from accounts that are not local', async () => {
    expect(await node.failure('ping', 'test.node', '--account', 'bob')).toMatchObject({
      exitCode: 1,
      error: { next: 'Name a local account: ilp-connector accounts list --relation local.' },
    })
    expect((await node.failure('ping', 'test.node', '--account', 'eve')).error).toMatchObject({
      code: 'not-found',
      message: 'no account of this username: eve',
    })
  })
})
