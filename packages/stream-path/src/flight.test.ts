import { Fulfill, isFulfill, type Prepare, type Reply, reject } from '@ilp/service-core'
import { FrameType, IlpPacketType, StreamKeys } from '@ilp/stream-packet'
import { describe, expect, it } from 'vitest'
import { Flight, type FlightDeps, type Load } from './flight.js'

const keys = new StreamKeys(Buffer.alloc(32, 1))
const NOW_MS = 1_700_000_000_000

const load = (fields: Partial<Load> = {}): Load => ({
  purpose: 'money',
  destination: 'test.receiver',
  amount: 10n,
  minimum: 9n,
  frames: [{ type: FrameType.StreamMoney, streamId: 1n, shares: 1n }],
  expiresAtMs: NOW_MS,
  ...fields,
})

/** A flight whose packets wait for the test, and what it has told. */
function start(send?: FlightDeps<Load>['send']) {
  const waiting: { prepare: Prepare; answer: (reply: Reply) => void; fail: (error: unknown) => void }[] = []
  const told: unknown[][] = []
  const wait = (prepare: Prepare): Promise<Reply> =>
    new Promise((answer, fail) => void waiting.push({ prepare, answer, fail }))
  const flight = new Flight<Load>({
    keys,
    encrypt: packet => keys.encrypt(packet),
    send: send ?? wait,
    onReply: ({ sequence }, reply, words) => told.push([sequence, isFulfill(reply), words?.prepareAmount]),
    onLost: ({ sequence }) => told.push([sequence, 'lost']),
    onThrow: ({ sequence }, error) => told.push([sequence, error]),
  })
  return { flight, waiting, told }
}

/** What the receiver answers. */
function fulfill({ data }: Prepare, sequence: bigint, type: IlpPacketType = IlpPacketType.Fulfill): Reply {
  const words = keys.encrypt({ ilpPacketType: type, sequence, prepareAmount: 9n, frames: [] })
  return Fulfill.create({ fulfillment: keys.fulfillment(data), data: words })
}

const nextTurn = () => new Promise(resolve => setImmediate(resolve))

describe('a packet', () => {
  it('says what it has to bring, encrypted, and only the receiver can fulfill it', () => {
    const { flight, waiting } = start()
    const packet = flight.send(load())
    const { prepare } = packet
    expect(prepare).toMatchObject({ units: 10n, destination: 'test.receiver', expiresAtMs: NOW_MS })
    expect(waiting[0]?.prepare).toBe(prepare)
    expect(keys.decrypt(prepare.data, IlpPacketType.Prepare)).toMatchObject({
      sequence: 1n,
      prepareAmount: 9n,
      frames: load().frames,
    })
    const fulfillment = keys.fulfillment(prepare.data)
    expect(packet.fulfillment).toEqual(fulfillment)
    expect(Fulfill.create({ fulfillment, data: Buffer.alloc(0) }).fulfills(prepare)).toBe(true)
  })

  it('that is a probe can be fulfilled by nobody', () => {
    const { flight } = start()
    const [one, other] = [flight.send(load({ purpose: 'probe' })), flight.send(load({ purpose: 'probe' }))]
    expect(one.fulfillment).toBeUndefined()
    expect(one.prepare.executionCondition).not.toEqual(keys.condition(one.prepare.data))
    expect(one.prepare.executionCondition).not.toEqual(other.prepare.executionCondition)
  })

  it('has a number of its own, and knows the money in flight with it', () => {
    const { flight } = start()
    const packets = [1n, 0n, 5n].map(amount => flight.send(load({ amount })))
    expect(packets.map(({ sequence, underWay }) => [sequence, underWay])).toEqual([
      [1, 1n],
      [2, 1n],
      [3, 6n],
    ])
    expect([flight.last, flight.size, flight.money]).toEqual([3, 3, 6n])
  })
})

describe('an answer', () => {
  it('is read when the receiver made it for this packet and this type of reply', async () => {
    const { flight, waiting, told } = start()
    for (let i = 0; i < 4; i++) flight.send(load())
    const [one, two, three, four] = waiting.map(({ prepare }) => prepare) as [
      Prepare,
      Prepare,
      Prepare,
      Prepare,
    ]
    waiting[0]?.answer(fulfill(one, 1n))
    waiting[1]?.answer(fulfill(two, 1n))
    waiting[2]?.answer(fulfill(three, 3n, IlpPacketType.Reject))
    waiting[3]?.answer(reject('T00', 'test.connector', four.destination))
    await nextTurn()
    expect(told).toEqual([
      [1, true, 9n],
      [2, true, undefined],
      [3, true, undefined],
      [4, false, undefined],
    ])
    expect([flight.size, flight.money]).toEqual([0, 0n])
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
  ])('is none when whoever sends %s', async (_, send) => {
    const { flight, told } = start(send)
    flight.send(load())
    await nextTurn()
    expect(told).toEqual([[1, new Error('broken')]])
    expect([flight.size, flight.money]).toEqual([0, 0n])
  })

  it('that does not come in time is given up, in turn, and told when it comes all the same', async () => {
    const { flight, waiting, told } = start()
    flight.send(load({ expiresAtMs: NOW_MS }))
    flight.send(load({ expiresAtMs: NOW_MS + 100 }))
    expect(flight.lostAtMs).toBe(NOW_MS + 500)
    flight.expire(NOW_MS + 499)
    expect(told).toEqual([])
    flight.expire(NOW_MS + 500)
    expect(told).toEqual([[1, 'lost']])
    expect([flight.size, flight.money, flight.lostAtMs]).toEqual([1, 10n, NOW_MS + 600])
    const [{ prepare, answer }] = waiting as [(typeof waiting)[number]]
    answer(fulfill(prepare, 1n))
    await nextTurn()
    expect(told.at(-1)).toEqual([1, true, 9n])
    expect([flight.size, flight.money]).toEqual([1, 10n])
    flight.expire(NOW_MS + 600)
    expect([flight.size, flight.lostAtMs]).toEqual([0, Number.POSITIVE_INFINITY])
  })
})
