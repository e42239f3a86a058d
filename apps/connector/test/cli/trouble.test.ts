import { testPrepare } from '@ilp/service-testing'
import { describe, expect, it } from 'vitest'
import { nodeForAll } from '../support/cli.js'
import { eventually } from '../support/eventually.js'
import { tokenOf } from '../support/face.js'
import { HeldPackets, post } from '../support/packets.js'
import { account } from '../support/settings.js'

const node = nodeForAll({
  ilpAddress: 'test.node',
  expiry: { maxHoldMs: 1_000, minMessageWindowMs: 100 },
  alerts: { linkDownMs: 1 },
  // Nobody answers there.
  accounts: [
    account('alice'),
    account('bob'),
    account('gone', { btp: { outgoing: { url: 'ws://127.0.0.1:1/' } } }),
  ],
})

describe('alerts', () => {
  it('are listed, and in the status', async () => {
    expect(await node.text('alerts', '--kind', 'settlement-stuck')).toBe('no alerts\n')
    await eventually(() => node.json('alerts', '--kind', 'link-down')).toMatchObject([
      { kind: 'link-down', account: 'gone', message: expect.any(String) },
    ])
    const lines = (await node.text('alerts')).split('\n')
    expect(lines[0]).toMatch(/^since +kind +account +what$/)
    expect(lines).toContainEqual(expect.stringMatching(/^\d{4}\S+ \S+Z +link-down +gone +\S/))
    expect(await node.text('status')).toMatch(/^! gone: \S/m)
    expect(await node.json('status')).toMatchObject({ alerts: [{ kind: 'link-down' }] })
    expect((await node.failure('alerts', '--kind', 'storm')).exitCode).toBe(2)
  })
})

describe('reconciliation', () => {
  it('lists what somebody has to compare with a peer, and takes it off the list', async () => {
    expect(await node.text('reconciliation', 'list')).toBe('nothing is to be reconciled\n')
    const bob = new HeldPackets(await node.node.plugin('bob'))
    const answer = post(
      node.node.ilpUrl('alice'),
      tokenOf('alice'),
      testPrepare({ destination: 'test.node.bob', units: 7n }),
    )
    const [packet] = await bob.take(1)
    expect(await answer).toMatchObject({ code: 'R00' })
    // Too late: it was given up.
    packet?.fulfil()
    await eventually(() => node.json('reconciliation', 'list')).toMatchObject({
      size: 1,
      entries: [{ kind: 'late-fulfill', from: 'alice', to: 'bob', amount: '7' }],
    })
    const text = await node.text('reconciliation', 'list')
    const [, id = ''] = /late-fulfill +alice +7 +bob +7 +(\S+)$/m.exec(text) ?? []
    expect(await node.failure('reconciliation', 'settle', id)).toMatchObject({ exitCode: 2 })
    expect(await node.text('reconciliation', 'settle', id, '--reason', 'bob is paid')).toBe(
      `${id} is off the list\n`,
    )
    expect(await node.failure('reconciliation', 'settle', id, '--reason', 'again')).toMatchObject({
      exitCode: 1,
      error: { code: 'not-found', next: 'ilp-connector reconciliation list shows those that there are.' },
    })
    expect(await node.json('reconciliation', 'list')).toMatchObject({ entries: [] })
  })
})
