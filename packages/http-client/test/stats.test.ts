import { accountId } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { describe, expect, test, vi } from 'vitest'
import { outcome, startClient, startPeer } from './helpers.js'

const never = {
  lastSuccessAtMs: undefined,
  lastFailureAtMs: undefined,
  failingSinceMs: undefined,
  lastFailure: undefined,
}
const bob = accountId('bob')

describe('the figures of the links', () => {
  test('are none before a packet was posted', async () => {
    const { stats, send } = await startClient()
    expect(stats()).toEqual([])
    void send(undefined)
    expect(stats()).toEqual([])
  })

  test('say what is under way, and when the peer last took packets, whatever it answered', async () => {
    const { stats, send } = await startClient()
    const peer = await startPeer()
    const replies = [send(peer.url), send(peer.url)]
    const [first, second] = [await peer.next(), await peer.next()]
    expect(stats()).toEqual([{ account: bob, inFlight: 2, ...never }])
    const sinceMs = Date.now()
    first.answer(testFulfill())
    second.answer(testReject())
    await Promise.all(replies)
    const [link] = stats()
    expect(link).toMatchObject({ inFlight: 0, lastFailureAtMs: undefined, failingSinceMs: undefined })
    expect(link?.lastSuccessAtMs).toBeGreaterThanOrEqual(sinceMs)
  })

  test.each([401, 429, 500])('say of status %i that it is a failure', async status => {
    const { stats, send } = await startClient()
    const peer = await startPeer()
    const reply = send(peer.url)
    ;(await peer.next()).response.writeHead(status).end()
    await reply
    expect(stats()).toMatchObject([
      {
        account: 'bob',
        lastSuccessAtMs: undefined,
        lastFailure: expect.stringContaining(`status ${status}`),
      },
    ])
  })

  test('say of a peer that is not there, or is silent, what is wrong', async () => {
    const { stats, send } = await startClient({ lateAnswerMs: 1 })
    expect(await outcome(send('http://127.0.0.1:1/ilp'))).toBe('T01')
    const [first] = stats()
    expect(first).toMatchObject({ lastFailure: 'ECONNREFUSED', inFlight: 0 })
    expect(first?.failingSinceMs).toBe(first?.lastFailureAtMs)
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(first?.lastFailureAtMs ?? 0))
    await send('http://127.0.0.1:1/ilp')
    const [second] = stats()
    expect(second?.failingSinceMs).toBe(first?.failingSinceMs)
    expect(second?.lastFailureAtMs).toBeGreaterThan(first?.failingSinceMs ?? 0)
    const silent = await startPeer()
    const expiresAt = new Date(Date.now() + 1_000)
    expect(await outcome(send(silent.url, testPrepare({ expiresAt }), 'carol'))).toBe('R00')
    expect(stats()).toMatchObject([{ account: 'bob' }, { account: 'carol', lastFailure: 'ETIMEDOUT' }])
  })

  test('outlive a link that nobody uses, and one whose URL changes', async () => {
    const { stats, send } = await startClient({ idleTimeoutMs: 1 })
    const peer = await startPeer()
    const reply = send(peer.url)
    ;(await peer.next()).answer(testFulfill())
    await reply
    const [{ lastSuccessAtMs } = never] = stats()
    expect(lastSuccessAtMs).toBeDefined()
    expect(await outcome(send('http://127.0.0.1:1/ilp'))).toBe('T01')
    await vi.waitFor(
      () => expect(stats()).toMatchObject([{ lastSuccessAtMs, lastFailure: 'ECONNREFUSED', inFlight: 0 }]),
      { timeout: 20_000 },
    )
  })
})
