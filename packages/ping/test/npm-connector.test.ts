import { decodeReply, type IncomingRequest, Prepare, unreachable } from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'
import { createBtpPlugin, startIlpConnector } from '@ilp/test-peers'
import { expect, onTestFinished, test } from 'vitest'
import { pinger } from '../src/index.js'

const asset = { code: 'USD', scale: 9 }

/** A pinger that is a child of npm's connector, over npm's BTP client. */
async function childOfNpm() {
  const npm = await startIlpConnector({
    address: 'test.npm',
    accounts: { pinger: { relation: 'child', asset, btp: { listen: { token: 't' } } } },
  })
  onTestFinished(npm.stop)
  const plugin = createBtpPlugin({ server: { url: npm.url('pinger'), token: 't' } })
  onTestFinished(() => plugin.disconnect())
  const ping = pinger({
    send: async prepare => decodeReply(await plugin.sendData(prepare.toBuffer())),
    source: () => 'test.npm.pinger',
  })
  const incoming = ping.pongs<IncomingRequest>({
    ready: () => Promise.resolve(),
    call: async () => unreachable('test.npm.pinger', 'nobody here'),
  })
  const parent = testAccount('npm')
  plugin.registerDataHandler(async bytes => {
    const reply = await incoming.call({ from: parent, prepare: Prepare.decode(bytes) })
    return reply.toBuffer()
  })
  await plugin.connect()
  return { npm, ping }
}

test('npm’s ilp-connector echoes our pings', async () => {
  const { npm, ping } = await childOfNpm()
  const result = await ping.echo('test.npm', { units: 100n })
  expect(result).toMatchObject({ returned: 100n, reject: undefined, isReached: true })
  expect(result.roundTripMs).toBeGreaterThan(0)
  expect(await npm.balances()).toEqual({ pinger: 0n })
  expect(await ping.echo('test.nobody')).toMatchObject({
    reject: { code: 'F02', triggeredBy: 'test.npm' },
    isReached: false,
  })
  expect(await ping.probe('test.npm')).toMatchObject({ reject: { code: 'F01' }, isReached: true })
})
