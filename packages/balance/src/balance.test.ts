import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OutgoingRequest, type Reply, silentLogger } from '@ilp/service-core'
import {
  fulfillingService,
  type ScriptedCall,
  scriptedService,
  testAccount,
  testFulfill,
  testPrepare,
  testReject,
} from '@ilp/service-testing'
import { createJournal, createLedger, Hold, type Ledger, type LedgerOptions } from '@ilp/store-traits'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { PlainLedgerStore } from '../test/plain-ledger-store.js'
import { type BalanceAccount, type BalanceOptions, balance } from './balance.js'

const alice = testAccount('alice', { minBalance: -1_000n })
const bob = testAccount('bob', { maxBalance: 2_000n, asset: { code: 'EUR', scale: 2 } })

interface Packet {
  from?: BalanceAccount
  to?: BalanceAccount
  incomingAmount?: bigint
  units?: bigint
  leftMs?: number
}

const requestOf = (packet: Packet = {}): OutgoingRequest<BalanceAccount> => {
  const { from = alice, to = bob, incomingAmount = 100n, units = 50n, leftMs = 30_000 } = packet
  const prepare = testPrepare({ units, expiresAt: new Date(Date.now() + leftMs) })
  return { from, to, incomingAmount, prepare }
}

async function setUp(options?: Partial<BalanceOptions>, ledgerOptions?: Partial<LedgerOptions>) {
  const directory = await mkdtemp(join(tmpdir(), 'ilp-balance-'))
  const store = new PlainLedgerStore()
  const ledger = createLedger(
    { store, journal: createJournal(directory), logger: silentLogger },
    { retryMinMs: 1, retryMaxMs: 5, stopTimeoutMs: 100, ...ledgerOptions },
  )
  await ledger.start()
  onTestFinished(async () => {
    await ledger.stop()
    await rm(directory, { recursive: true })
  })
  const inner = scriptedService<OutgoingRequest<BalanceAccount>>()
  const service = balance({ ledger, address: () => 'test.node' }, options)(inner)
  return {
    inner,
    ledger,
    service,
    store,
    send: (packet?: Packet) => service.call(requestOf(packet)),
    journal: () => readFile(join(directory, 'journal.jsonl'), 'utf8'),
    /** The balances of alice and bob when the ledger has nothing left to do. */
    books: async () => {
      await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
      return [await store.readBalance(alice.id), await store.readBalance(bob.id)]
    },
  }
}

const EMPTY = { balance: 0n, heldOut: 0n, heldIn: 0n }
const settled = async (
  parts: { inner: { next: () => Promise<ScriptedCall<unknown>> } },
  reply: Promise<Reply>,
) => {
  ;(await parts.inner.next()).fulfill()
  return reply
}

describe('a packet', () => {
  test('has its amounts held while it is under way, each in its account’s unit', async () => {
    const { inner, send, store } = await setUp()
    const reply = send()
    const call = await inner.next()
    expect(await store.readBalance(alice.id)).toEqual({ balance: 0n, heldOut: 100n, heldIn: 0n })
    expect(await store.readBalance(bob.id)).toEqual({ balance: 0n, heldOut: 0n, heldIn: 50n })
    call.fulfill()
    await reply
  })

  test('that is fulfilled is booked when its Fulfill is relayed', async () => {
    const parts = await setUp()
    const fulfill = testFulfill({ data: Buffer.from('x') })
    const reply = parts.send()
    ;(await parts.inner.next()).answer(fulfill)
    expect(await reply).toBe(fulfill)
    expect(parts.store.applied).toEqual(['reserve', 'commit'])
    expect(await parts.books()).toEqual([
      { ...EMPTY, balance: -100n },
      { ...EMPTY, balance: 50n },
    ])
    expect(await parts.store.readPositions()).toEqual([
      { asset: alice.asset, balance: 100n, settled: 0n, adjusted: 0n },
      { asset: bob.asset, balance: -50n, settled: 0n, adjusted: 0n },
    ])
  })

  test.each(['F02', 'T04', 'R00', 'X99'])('that is rejected with %s leaves no trace', async code => {
    const { books, inner, send } = await setUp()
    const reply = send()
    const reject = testReject({ code })
    ;(await inner.next()).answer(reject)
    expect(await reply).toBe(reject)
    expect(await books()).toEqual([EMPTY, EMPTY])
  })

  test('that is rejected gets its answer before the store has the hold back', async () => {
    const { books, inner, send, store } = await setUp()
    const reply = send()
    const call = await inner.next()
    let open = () => {}
    store.gate = new Promise(resolve => {
      open = resolve
    })
    call.reject()
    await reply
    expect(store.applied).toEqual(['reserve'])
    open()
    expect(await books()).toEqual([EMPTY, EMPTY])
  })

  test('of 2^64-1 units is booked to the unit', async () => {
    const parts = await setUp()
    const most = 2n ** 64n - 1n
    const [from, to] = [testAccount('alice'), testAccount('bob')]
    for (let i = 0; i < 3; i++) {
      await settled(parts, parts.send({ from, to, incomingAmount: most, units: most - 1n }))
    }
    const [{ balance: paid }, { balance: got }] = (await parts.books()) as [typeof EMPTY, typeof EMPTY]
    expect([paid, got]).toEqual([-55_340_232_221_128_654_845n, 55_340_232_221_128_654_842n])
  })

  test('from an account to itself is booked on both sides', async () => {
    const parts = await setUp()
    await settled(parts, parts.send({ to: alice, incomingAmount: 100n, units: 97n }))
    expect((await parts.books())[0]).toEqual({ ...EMPTY, balance: -3n })
  })
})

describe('accounts that may be owed more', () => {
  const watched = async () => {
    const told: string[] = []
    const parts = await setUp()
    const service = balance({
      ledger: parts.ledger,
      address: () => '',
      onBooked: ({ id }) => {
        told.push(`${id} behind ${parts.store.applied.join(', ')}`)
      },
    })(parts.inner)
    return { ...parts, told, service }
  }

  test('are the one that a packet went to, behind its commit', async () => {
    const { inner, service, told } = await watched()
    const reply = service.call(requestOf())
    const call = await inner.next()
    expect(told).toEqual([])
    call.fulfill()
    await reply
    expect(told).toEqual(['bob behind reserve, commit'])
  })

  test('are the one that it came from, when its hold is given back', async () => {
    const { inner, service, told } = await watched()
    const rejected = service.call(requestOf())
    ;(await inner.next()).reject()
    await rejected
    const failed = service.call(requestOf())
    ;(await inner.next()).fail(new Error('a bug'))
    await expect(failed).rejects.toThrow('a bug')
    expect(told.map(each => each.split(' ')[0])).toEqual(['alice', 'alice'])
  })

  test('are none where nothing was held', async () => {
    const { service, told } = await watched()
    await service.call(requestOf({ incomingAmount: 1_001n }))
    expect(told).toEqual([])
  })
})

describe('a service that throws', () => {
  test('gets its money back and its error passed on', async () => {
    const { books, inner, send } = await setUp()
    const reply = send()
    const error = new Error('a bug')
    ;(await inner.next()).fail(error)
    await expect(reply).rejects.toBe(error)
    expect(await books()).toEqual([EMPTY, EMPTY])
  })

  test('does so as well when it throws at once', async () => {
    const { books, ledger } = await setUp()
    const service = balance({ ledger, address: () => '' })({
      ready: () => Promise.resolve(),
      call: () => {
        throw new Error('a bug')
      },
    })
    await expect(service.call(requestOf())).rejects.toThrow('a bug')
    expect(await books()).toEqual([EMPTY, EMPTY])
  })
})

describe('limits', () => {
  const T04 = { code: 'T04', triggeredBy: 'test.node' }

  test('the minimum of the sending account may be reached, not crossed', async () => {
    const parts = await setUp()
    expect(await parts.send({ incomingAmount: 1_001n })).toMatchObject(T04)
    expect(await settled(parts, parts.send({ incomingAmount: 1_000n }))).toEqual(testFulfill())
    expect(await parts.send({ incomingAmount: 1n })).toMatchObject(T04)
    expect((await parts.books())[0]).toEqual({ ...EMPTY, balance: -1_000n })
  })

  test('the maximum of the next hop may be reached, not crossed', async () => {
    const parts = await setUp()
    expect(await parts.send({ units: 2_001n })).toMatchObject(T04)
    expect(await settled(parts, parts.send({ units: 2_000n }))).toEqual(testFulfill())
    expect(await parts.send({ units: 1n })).toMatchObject(T04)
    expect((await parts.books())[1]).toEqual({ ...EMPTY, balance: 2_000n })
  })

  test('count what packets under way hold', async () => {
    const { inner, send } = await setUp()
    const first = send({ incomingAmount: 600n })
    const taken = await inner.next()
    expect(await send({ incomingAmount: 401n })).toMatchObject(T04)
    taken.reject()
    await first
    void send({ incomingAmount: 401n })
    await inner.next()
  })

  test('do not count what may come in as if it were there', async () => {
    const parts = await setUp()
    const incoming = parts.send({ from: bob, to: alice, incomingAmount: 500n, units: 500n })
    const taken = await parts.inner.next()
    expect(await parts.send({ incomingAmount: 1_001n })).toMatchObject(T04)
    taken.fulfill()
    await incoming
    expect(await settled(parts, parts.send({ incomingAmount: 1_500n }))).toEqual(testFulfill())
  })

  test('are those of the account at the moment of the packet', async () => {
    const { inner, send } = await setUp()
    expect(await send({ from: { ...alice, minBalance: 0n } })).toMatchObject(T04)
    void send({ from: { ...alice, minBalance: undefined }, incomingAmount: 2n ** 63n })
    await inner.next()
  })

  test('a refused packet does not reach the next service', async () => {
    const { inner, send, books } = await setUp()
    await send({ incomingAmount: 1_001n })
    expect(inner.waiting()).toBe(0)
    expect(await books()).toEqual([EMPTY, EMPTY])
  })
})

test('a packet without money passes by the ledger', () => {
  const untouched = () => {
    throw new Error('the ledger was asked')
  }
  const ledger = { ready: untouched, reserve: untouched, commit: untouched, release: untouched }
  const promise = Promise.resolve(testFulfill())
  const service = balance({ ledger, address: () => '' })({
    ready: () => Promise.resolve(),
    call: () => promise,
  })
  expect(service.call(requestOf({ incomingAmount: 0n, units: 0n }))).toBe(promise)
})

test.each([
  { incomingAmount: 1n, units: 0n },
  { incomingAmount: 0n, units: 1n },
])('a packet with money on one side only is booked: $incomingAmount in, $units out', async packet => {
  const parts = await setUp()
  await settled(parts, parts.send(packet))
  const [from, to] = await parts.books()
  expect([from?.balance, to?.balance]).toEqual([-packet.incomingAmount, packet.units])
})

describe('while the store is out of reach', () => {
  test('packets get T00 at once, also those that a limit would stop', async () => {
    const { send, store, inner } = await setUp()
    store.isDown = true
    for (const incomingAmount of [100n, 1_001n]) {
      expect(await send({ incomingAmount })).toMatchObject({ code: 'T00', triggeredBy: 'test.node' })
    }
    expect(inner.waiting()).toBe(0)
  })

  test('rejects of packets under way are relayed, and the holds are given back when it returns', async () => {
    const { books, inner, send, store } = await setUp()
    const reply = send()
    const call = await inner.next()
    store.isDown = true
    const reject = testReject()
    call.answer(reject)
    expect(await reply).toBe(reject)
    store.isDown = false
    expect(await books()).toEqual([EMPTY, EMPTY])
  })

  test('a Fulfill waits until the margin before the incoming deadline, and is relayed with its commit in the journal', async () => {
    const { books, inner, journal, send, store } = await setUp({ commitMarginMs: 3_000 })
    const deadline = Date.now() + 4_000
    const reply = send({ leftMs: 4_000 })
    const call = await inner.next()
    store.isDown = true
    const fulfill = testFulfill()
    call.answer(fulfill)
    expect(await reply).toBe(fulfill)
    expect(Date.now()).toBeGreaterThanOrEqual(deadline - 3_000)
    expect(Date.now()).toBeLessThan(deadline)
    expect(await journal()).toContain('"incomingAmount":"100"')
    store.isDown = false
    expect(await books()).toEqual([
      { ...EMPTY, balance: -100n },
      { ...EMPTY, balance: 50n },
    ])
  })

  test('a Fulfill waits for a slow commit, and is relayed as soon as that is through', async () => {
    const { books, inner, journal, send, store } = await setUp()
    const reply = send()
    let isRelayed = false
    void reply.then(() => {
      isRelayed = true
    })
    const call = await inner.next()
    let open = () => {}
    store.gate = new Promise(resolve => {
      open = resolve
    })
    call.fulfill()
    await vi.waitFor(() => expect(store.asked).toBe(2), 20_000)
    await new Promise(setImmediate)
    expect(isRelayed).toBe(false)
    open()
    await reply
    expect(await journal()).not.toContain('incomingAmount')
    expect((await books())[0]).toEqual({ ...EMPTY, balance: -100n })
  })

  test('the chain is not ready until it is back', async () => {
    const { send, service, store } = await setUp({}, { leaseMs: 100 })
    await service.ready()
    store.isDown = true
    await send()
    const controller = new AbortController()
    const waiting = service.ready(controller.signal)
    controller.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    store.isDown = false
    await service.ready()
  })
})

test('a Fulfill that comes behind the margin is booked and relayed all the same', async () => {
  const { books, inner, send } = await setUp({ commitMarginMs: 3_000 })
  const reply = send({ leftMs: 4_000 })
  const call = await inner.next()
  await new Promise(resolve => setTimeout(resolve, 1_020))
  call.fulfill()
  expect(await reply).toEqual(testFulfill())
  expect((await books())[0]).toEqual({ ...EMPTY, balance: -100n })
})

test('a reserve without an answer is given up at the margin, with T00', async () => {
  const { books, inner, send, store } = await setUp({ commitMarginMs: 400 })
  let open = () => {}
  store.gate = new Promise(resolve => {
    open = resolve
  })
  expect(await send({ leftMs: 450 })).toMatchObject({ code: 'T00' })
  open()
  expect(await books()).toEqual([EMPTY, EMPTY])
  expect(store.applied).toEqual(['reserve', 'release'])
  expect(inner.waiting()).toBe(0)
})

test('more open transfers than the ledger takes get T03', async () => {
  const { inner, send } = await setUp({}, { openMax: 1 })
  const reply = send()
  const call = await inner.next()
  expect(await send()).toMatchObject({ code: 'T03', triggeredBy: 'test.node' })
  call.reject()
  await reply
})

describe('the time that the ledger gets', () => {
  afterEach(() => void vi.useRealTimers())

  const timesFor = async (leftMs: number, options?: Partial<BalanceOptions>) => {
    vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) })
    const times: number[] = []
    const ledger: Pick<Ledger, 'ready' | 'reserve' | 'commit' | 'release'> = {
      ready: () => Promise.resolve(),
      reserve: async (transfer, byMs) => {
        times.push(byMs - Date.now())
        return new Hold(transfer, undefined as never)
      },
      commit: async (_, byMs) => {
        times.push(byMs - Date.now())
        return 'booked'
      },
      release: () => {},
    }
    await balance({ ledger, address: () => '' }, options)(fulfillingService()).call(requestOf({ leftMs }))
    return times
  }

  test('ends half a second before the incoming deadline', async () => {
    expect(await timesFor(10_000)).toEqual([9_500, 9_500])
    expect(await timesFor(10_000, { commitMarginMs: 50 })).toEqual([9_950, 9_950])
  })

  test('is bounded for packets that expire in a far future', async () => {
    expect(await timesFor(1e12)).toEqual([30_500, 30_500])
    expect(await timesFor(1e12, { maxHoldMs: 5_000 })).toEqual([4_500, 4_500])
  })
})

test.each([{ commitMarginMs: -1 }, { commitMarginMs: Number.NaN }, { maxHoldMs: 0.5 }])(
  'the options %j are refused',
  options => {
    const ledger = {} as Ledger
    expect(() => balance({ ledger, address: () => '' }, options)).toThrow(RangeError)
  },
)
