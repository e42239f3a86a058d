import { decodeReply, isFulfill, type Prepare } from '@ilp/service-core'
import { testFulfill, testPrepare } from '@ilp/service-testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startEdge } from '../example/usage.js'
import { startPeer } from './peer.js'

async function post(url: string, token: string, prepare: Prepare): Promise<string | number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(prepare.toBuffer()),
  })
  if (!response.ok) return response.status
  const reply = decodeReply(Buffer.from(await response.arrayBuffer()))
  return isFulfill(reply) ? 'fulfilled' : `${reply.code} of ${reply.triggeredBy}`
}

/** The edge of the example between two peers that fulfil everything, and remember it. */
async function scene() {
  const [alice, bob] = [await startPeer(), await startPeer()]
  const edge = await startEdge(alice.url, bob.url)
  onTestFinished(() => edge.stop())
  const packet = (destination: string, units: bigint) => testPrepare({ destination, units })
  return {
    alice,
    bob,
    edge,
    fromAlice: (destination: string, units: bigint) =>
      post(`${edge.url()}/ilp`, 'alice-at-the-edge', packet(destination, units)),
    fromBob: (destination: string, units: bigint) =>
      post(`${edge.url()}/accounts/bob/ilp`, 'bob-at-the-edge', packet(destination, units)),
  }
}

describe('the edge', () => {
  it('passes packets on, with the token and the amount that belong to the other side', async () => {
    const { alice, bob, fromAlice, fromBob } = await scene()
    expect(await fromAlice('test.alice.edge.bob.shop', 900n)).toBe('fulfilled')
    expect(bob.taken).toEqual([['edge-at-bobs', 'test.alice.edge.bob.shop', 900n]])
    expect(await fromBob('test.carol', 900n)).toBe('fulfilled')
    expect(alice.taken).toEqual([['edge-at-alices', 'test.carol', 900n]])
  })

  it('lends nothing unless told to, and keeps limits, which each have an answer of their own', async () => {
    const { alice, bob, fromAlice, fromBob } = await scene()
    expect(await fromBob('test.carol', 1n)).toBe('T04 of test.alice.edge')
    expect(await fromAlice('test.alice.edge.bob', 1_000_001n)).toBe('T04 of test.alice.edge')
    expect(await fromBob('test.carol', 5_001n)).toBe('F08 of test.alice.edge')
    expect(await fromBob('peer.settle', 0n)).toBe('F02 of test.alice.edge')
    expect([alice.taken, bob.taken]).toEqual([[], []])
  })

  it('answers for addresses that nobody has, and refuses tokens of others', async () => {
    const { alice, edge, fromBob } = await scene()
    expect(await fromBob('test.alice.edge.nobody', 0n)).toBe('F02 of test.alice.edge')
    const url = `${edge.url()}/accounts/bob/ilp`
    expect(await post(url, 'alice-at-the-edge', testPrepare())).toBe(401)
    expect(await post(url, 'nobodys', testPrepare())).toBe(401)
    expect(alice.taken).toEqual([])
  })

  it('lets packets in flight end when it stops', async () => {
    const { alice, edge, fromBob } = await scene()
    const held = alice.holdNext()
    const answer = fromBob('test.carol', 0n)
    const release = await held
    const stopped = edge.stop()
    release(testFulfill())
    expect(await answer).toBe('fulfilled')
    await stopped
    await expect(fetch(edge.url())).rejects.toThrow()
  })
})
