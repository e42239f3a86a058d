import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReceipt, encodeStreamPacket, StreamKeys, verifyReceipt } from '../src/index.js'
import { ilpPacketType, streamPacket, uint64 } from './arbitraries.js'
import { decode, peerCrypto, peerDecode, peerEncode, peerReceipt } from './peer.js'

const PACKETS = 5_000
const MUTANTS = 20

/** What npm reads and we refuse, with the reason. Nothing is refused by npm and read by us. */
const STRICTER: Record<string, string> = {
  'integer with a leading zero': 'integers have one encoding (RFC 29 uses canonical OER)',
  'is no type of ILP packet': 'no ILP packet of such a type could carry it',
  'address of more than 1023 characters': 'ILP addresses are not longer (RFC 15)',
}

type Mutation = readonly [where: number, how: number, value: number]
const mutation: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(0xffff), fc.nat(3), fc.nat(255))

/** Changes, removes, inserts or repeats one byte or more. */
function mutate(bytes: Buffer, [where, how, value]: Mutation): Buffer {
  const at = where % bytes.length
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)]
  if (how === 0) return Buffer.concat([head, Buffer.of(value), tail.subarray(1)])
  if (how === 1) return Buffer.concat([head, tail.subarray(1 + (value % 4))])
  if (how === 2) return Buffer.concat([head, Buffer.of(value), tail])
  return Buffer.concat([head, tail.subarray(0, 1 + (value % 16)), tail])
}

describe('compared with ilp-protocol-stream', () => {
  it('packets are written the same', () => {
    fc.assert(
      fc.property(streamPacket, packet => {
        expect(encodeStreamPacket(packet)).toEqual(peerEncode(packet))
      }),
      { numRuns: PACKETS },
    )
  })

  it('100,000 mutated packets are read the same, but for what we refuse for a reason', () => {
    const found = new Map<string, number>()
    const count = (what: string) => found.set(what, (found.get(what) ?? 0) + 1)
    const compare = (bytes: Buffer) => {
      const [ours, theirs] = [decode(bytes), peerDecode(bytes)]
      const problem = typeof ours === 'string' ? ours : ours.frameError
      if (problem === undefined) {
        expect(ours).toEqual({ ...theirs, frameError: undefined })
        count('both read it')
      } else if (theirs === undefined) {
        count('both refuse it')
      } else {
        const reason = Object.keys(STRICTER).find(known => problem.includes(known))
        expect(reason, `${problem}: ${bytes.toString('hex')}`).toBeDefined()
        count(reason as string)
      }
    }
    fc.assert(
      fc.property(
        streamPacket,
        fc.array(mutation, { minLength: MUTANTS, maxLength: MUTANTS }),
        (packet, mutations) => {
          const bytes = encodeStreamPacket(packet)
          for (const change of mutations) compare(mutate(bytes, change))
        },
      ),
      { numRuns: PACKETS, endOnFailure: true },
    )
    compare(Buffer.from(`010c01010100010102820403820400${'61'.repeat(1_024)}`, 'hex'))
    const compared = [...found.values()].reduce((sum, times) => sum + times, 0)
    expect(compared).toBe(PACKETS * MUTANTS + 1)
    expect(new Set(found.keys())).toEqual(
      new Set(['both read it', 'both refuse it', ...Object.keys(STRICTER)]),
    )
  })

  it('each decrypts what the other encrypts, and the fulfillments are the same', async () => {
    const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes))
    await fc.assert(
      fc.asyncProperty(secret, streamPacket, ilpPacketType, async (shared, packet, carrier) => {
        const keys = new StreamKeys(shared)
        const key = await peerCrypto.generatePskEncryptionKey(shared)
        const sent = { ...packet, ilpPacketType: carrier }
        const plain = encodeStreamPacket(sent)
        const [ours, theirs] = [keys.encrypt(sent), await peerCrypto.encrypt(key, plain)]
        expect(await peerCrypto.decrypt(key, ours)).toEqual(plain)
        expect(keys.decrypt(theirs, carrier)).toEqual({ ...sent, frameError: undefined })
        const fulfillmentKey = await peerCrypto.generateFulfillmentKey(shared)
        expect(keys.fulfillment(ours)).toEqual(await peerCrypto.generateFulfillment(fulfillmentKey, ours))
      }),
      { numRuns: 500 },
    )
  })

  it('receipts are the same, and each verifies those of the other', () => {
    const octets = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map(bytes => Buffer.from(bytes))
    fc.assert(
      fc.property(octets(16), octets(32), fc.nat(255), uint64, (nonce, secret, streamId, totalReceived) => {
        const ours = createReceipt({ nonce, secret, streamId, totalReceived })
        const theirs = peerReceipt.createReceipt({
          nonce,
          secret,
          streamId,
          totalReceived: totalReceived.toString(),
        })
        expect(ours).toEqual(theirs)
        expect(verifyReceipt(theirs, secret)).toEqual({ nonce, streamId, totalReceived })
        expect(() => peerReceipt.verifyReceipt(ours, secret)).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })
})
