import { createReceipt, verifyReceipt } from '@ilp/stream-packet'
import { describe, expect, it } from 'vitest'
import { PeerStream } from './peer-stream.js'

describe('the limit of a stream', () => {
  it('is none before the other end says one, which may be lower', () => {
    const stream = new PeerStream()
    expect(stream.room()).toBe(2n ** 64n - 1n)
    stream.hearLimit({ receiveMax: 100n, totalReceived: 30n })
    expect(stream.room()).toBe(70n)
  })

  it('never falls, and neither does what was received', () => {
    const stream = new PeerStream()
    stream.hearLimit({ receiveMax: 100n, totalReceived: 30n })
    stream.hearLimit({ receiveMax: 90n, totalReceived: 20n })
    expect(stream.room()).toBe(70n)
    stream.hearLimit({ receiveMax: 200n, totalReceived: 20n })
    expect(stream.room()).toBe(170n)
  })

  it('counts what is known to have arrived, and is nothing when more has', () => {
    const stream = new PeerStream()
    stream.hearLimit({ receiveMax: 100n, totalReceived: 30n })
    expect([stream.room(10n), stream.room(60n), stream.room(500n)]).toEqual([70n, 40n, 0n])
  })
})

describe('receipts of a stream', () => {
  const secret = Buffer.alloc(32, 2)
  const receipt = (streamId: number, totalReceived: bigint) =>
    createReceipt({ nonce: Buffer.alloc(16, 1), secret, streamId, totalReceived })

  it('are kept by their total, whatever order they come in', () => {
    const stream = new PeerStream()
    for (const total of [5n, 20n, 10n]) stream.hearReceipt({ streamId: 3n, receipt: receipt(3, total) })
    expect(stream.receipt && verifyReceipt(stream.receipt, secret)?.totalReceived).toBe(20n)
  })

  it('that are none, or another stream’s, are ignored', () => {
    const stream = new PeerStream()
    stream.hearReceipt({ streamId: 3n, receipt: Buffer.alloc(58) })
    stream.hearReceipt({ streamId: 3n, receipt: receipt(5, 7n) })
    expect(stream.receipt).toBeUndefined()
  })

  it('are copies: the packet that brought them is not kept', () => {
    const stream = new PeerStream()
    const octets = receipt(3, 7n)
    stream.hearReceipt({ streamId: 3n, receipt: octets })
    octets.fill(0)
    expect(stream.receipt && verifyReceipt(stream.receipt, secret)?.totalReceived).toBe(7n)
  })
})
