import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startEngine } from './fake-engine.js'
import { settled, startScene, startSettler } from './scene.js'

const eventually = <T>(look: () => T) => expect.poll(look, { interval: 2, timeout: 30_000 })

async function setUp(
  settings: { settleThreshold?: bigint; settleTo?: bigint; settleIntervalMs?: number } = {},
) {
  const engine = await startEngine()
  const scene = await startScene()
  const alice = settled('alice', { engineUrl: engine.url, settleThreshold: 100n, ...settings })
  await scene.put(alice)
  return { alice, engine, scene }
}

const settlements = (asked: readonly string[]) => asked.filter(each => each.endsWith('/settlements'))

describe('a balance', () => {
  test('at the threshold is settled when the settler hears of it, with amount, scale and key', async () => {
    const { alice, engine, scene } = await setUp({ settleTo: 10n })
    const settler = await startSettler(scene)
    await scene.owe(alice, 100n)
    settler.booked(alice)
    await engine.until(() => engine.settled.size === 1)
    const sent = engine.requests.find(({ path }) => path === '/accounts/alice/settlements')
    expect(JSON.parse(String(sent?.body))).toEqual({ amount: '90', scale: 9 })
    expect(sent?.key).toMatch(/^[\w-]{20,}$/)
    await eventually(() => settler.stats().outbox).toBe(0)
    expect(await scene.balanceOf(alice)).toBe(10n)
  })

  test('below the threshold is left alone', async () => {
    const { alice, engine, scene } = await setUp()
    const settler = await startSettler(scene)
    await scene.owe(alice, 99n)
    settler.booked(alice)
    await eventually(() => scene.calls.filter(step => step === 'settle').length).toBeGreaterThanOrEqual(2)
    expect(settlements(engine.asked)).toEqual([])
  })

  test('is looked at when the settler starts, and when the settings change', async () => {
    const { alice, engine, scene } = await setUp()
    await scene.owe(alice, 100n)
    const settler = await startSettler(scene)
    await engine.until(() => engine.total === 100n)
    await scene.owe(alice, 50n)
    await scene.put({ ...alice, settlement: { engineUrl: engine.url, settleThreshold: 50n, settleTo: 20n } })
    await engine.until(() => engine.total === 130n)
    await eventually(() => settler.stats().outbox).toBe(0)
  })

  test('is looked at again on a clock, for what no signal was given', async () => {
    const { alice, engine, scene } = await setUp()
    await startSettler(scene, { lookIntervalMs: 5 })
    await engine.until(() => engine.accounts.has('alice'))
    await scene.owe(alice, 100n)
    await engine.until(() => engine.total === 100n)
  })

  test('is looked at no more often than the interval, however often it is told of', async () => {
    const { alice, engine, scene } = await setUp()
    const settler = await startSettler(scene, { checkIntervalMs: 50 })
    await eventually(() => scene.calls.length).toBeGreaterThan(0)
    await engine.until(() => engine.accounts.has('alice'))
    const startedAtMs = Date.now()
    const before = scene.calls.filter(step => step === 'settle').length
    const checks = () => scene.calls.filter(step => step === 'settle').length - before
    while (Date.now() < startedAtMs + 220 || checks() === 0) {
      for (let i = 0; i < 1_000; i++) settler.booked(alice)
      await new Promise(setImmediate)
    }
    expect(checks()).toBeLessThanOrEqual((Date.now() - startedAtMs) / 50 + 2)
  })

  test('is settled below zero where the node pays ahead', async () => {
    const { engine, scene, alice } = await setUp({ settleThreshold: -50n, settleTo: -200n })
    await startSettler(scene)
    await engine.until(() => engine.total === 200n)
    await eventually(() => scene.outbox()).toBe(0)
    expect(await scene.balanceOf(alice)).toBe(-200n)
  })

  test('grows while its settlement is under way: the rest goes with the next one, under another key', async () => {
    const { alice, engine, scene } = await setUp()
    const settler = await startSettler(scene)
    let answer = () => {}
    engine.judge = ({ path }) => {
      if (!path.endsWith('/settlements') || settlements(engine.asked).length > 1) return undefined
      answer = () => {
        engine.judge = () => undefined
      }
      return 'cut'
    }
    await scene.owe(alice, 100n)
    settler.booked(alice)
    await engine.until(() => settlements(engine.asked).length === 1)
    await scene.owe(alice, 150n)
    settler.booked(alice)
    answer()
    await engine.until(() => engine.settled.size === 2)
    expect([...engine.settled.values()]).toEqual([100n, 150n])
  })
})

describe('settlement by time', () => {
  test('takes whatever is above what is to stay, threshold or not', async () => {
    const { alice, engine, scene } = await setUp({ settleTo: 5n, settleIntervalMs: 20 })
    await scene.owe(alice, 6n)
    await startSettler(scene)
    await engine.until(() => engine.total === 1n)
    for (const total of [2n, 3n, 4n]) {
      await scene.owe(alice, 1n)
      await engine.until(() => engine.total === total)
    }
  })

  test('needs no threshold, and goes when its interval does', async () => {
    const engine = await startEngine()
    const scene = await startScene()
    const alice = settled('alice', { engineUrl: engine.url, settleIntervalMs: 10 })
    await scene.put(alice)
    await scene.owe(alice, 7n)
    const settler = await startSettler(scene)
    await engine.until(() => engine.total === 7n)
    await eventually(() => settler.stats().outbox).toBe(0)
    await scene.put({ ...alice, settlement: { engineUrl: engine.url } })
    await new Promise(resolve => setTimeout(resolve, 15))
    const { length } = scene.calls
    await scene.owe(alice, 7n)
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(scene.calls.slice(length)).toEqual([])
  })
})

describe('an engine', () => {
  test('is told of its account when the settler starts, and of one that comes later', async () => {
    const { engine, scene } = await setUp()
    await startSettler(scene)
    await engine.until(() => engine.accounts.has('alice'))
    await scene.put(settled('bob', { engineUrl: `${engine.url}/` }))
    await engine.until(() => engine.accounts.has('bob'))
    expect(engine.asked).toEqual(['POST /accounts', 'POST /accounts'])
  })

  test('that has forgotten an account is told again, and settles', async () => {
    const { alice, engine, scene } = await setUp()
    engine.judge = ({ path }) =>
      path.endsWith('/settlements') && !engine.accounts.has('alice') ? { status: 404 } : undefined
    const settler = await startSettler(scene)
    await engine.until(() => engine.accounts.has('alice'))
    engine.accounts.clear()
    await scene.owe(alice, 100n)
    settler.booked(alice)
    await engine.until(() => engine.total === 100n)
    expect(engine.asked).toEqual([
      'POST /accounts',
      'POST /accounts/alice/settlements',
      'POST /accounts',
      'POST /accounts/alice/settlements',
    ])
  })

  test('that was away is asked at once by all accounts when it is back', async () => {
    const { alice, engine, scene } = await setUp()
    const others = ['bob', 'carol', 'dave'].map(name =>
      settled(name, { engineUrl: engine.url, settleThreshold: 1n }),
    )
    await scene.put(...others)
    await engine.stop()
    for (const account of [alice, ...others]) await scene.owe(account, 100n)
    const settler = await startSettler(scene, { retryMinMs: 50, retryMaxMs: 3_600_000 })
    await eventually(() => settler.stats().engines[0]?.isUp).toBe(false)
    expect(settler.stats().engines[0]?.lastError?.message).toMatch(/ECONNREFUSED/)
    await eventually(() => settler.stats().engines[0]?.waiting).toBe(4)
    await engine.start()
    settler.retryNow()
    await engine.until(() => engine.total === 400n)
    await eventually(() => settler.stats()).toMatchObject({
      outbox: 0,
      engines: [{ isUp: true, waiting: 0 }],
    })
    const warnings = settler.logger.entries.filter(({ level }) => level === 'warn')
    expect(warnings.map(({ message }) => message)).toEqual(['a settlement engine does not do its work'])
  })

  test('is told of accounts that were removed, once what is under way has arrived', async () => {
    const { alice, engine, scene } = await setUp()
    let isOpen = false
    engine.judge = ({ path }) => (path.endsWith('/settlements') && !isOpen ? { status: 503 } : undefined)
    await scene.owe(alice, 100n)
    const settler = await startSettler(scene)
    await engine.until(() => settlements(engine.asked).length >= 2)
    await scene.accounts.remove(alice.id)
    isOpen = true
    await engine.until(() => engine.asked.includes('DELETE /accounts/alice'))
    expect(engine.total).toBe(100n)
    expect(engine.accounts.size).toBe(0)
    await eventually(() => settler.stats()).toEqual({ outbox: 0, orphans: 0, engines: [] })
  })

  test('is not told to delete an account that merely has no engine any more', async () => {
    const { alice, engine, scene } = await setUp()
    const settler = await startSettler(scene)
    await engine.until(() => engine.accounts.has('alice'))
    const { settlement: _, ...without } = alice
    await scene.put(without)
    await eventually(() => settler.stats().engines).toEqual([])
    await scene.put(alice)
    await engine.until(() => engine.asked.length === 2)
    expect(engine.asked).toEqual(['POST /accounts', 'POST /accounts'])
  })

  test('gets the bearer token, if there is one', async () => {
    const { engine, scene } = await setUp()
    await startSettler(scene, {}, {}, 'an-engines-token')
    await engine.until(() => engine.accounts.has('alice'))
    expect(engine.requests.map(({ authorization }) => authorization)).toEqual(['Bearer an-engines-token'])
  })
})

describe('the key', () => {
  const failures = {
    'an answer that is lost': 'lost',
    'a connection that breaks': 'cut',
    'an error of the engine': { status: 500 },
    'an engine behind a proxy that is away': { status: 502 },
    'an engine that has too much to do': { status: 429 },
    'an engine that is busy with the same': { status: 409 },
    'a redirect, which is not followed': { status: 302 },
  } as const

  test.each(Object.entries(failures))('stays the same behind %s', async (_, verdict) => {
    const { alice, engine, scene } = await setUp()
    engine.judge = ({ path }) =>
      path.endsWith('/settlements') && settlements(engine.asked).length <= 3 ? verdict : undefined
    const settler = await startSettler(scene)
    await scene.owe(alice, 100n)
    settler.booked(alice)
    await engine.until(() => settlements(engine.asked).length === 4)
    await eventually(() => settler.stats().outbox).toBe(0)
    expect(engine.total).toBe(100n)
    expect(new Set(engine.requests.flatMap(({ key }) => key ?? [])).size).toBe(1)
  })

  test('stays the same behind an engine that says nothing in time', async () => {
    const { alice, engine, scene } = await setUp()
    engine.judge = ({ path }) =>
      path.endsWith('/settlements') && settlements(engine.asked).length <= 2 ? 'silent' : undefined
    await scene.owe(alice, 100n)
    const settler = await startSettler(scene, {}, { answerTimeoutMs: 100 })
    await engine.until(() => engine.total === 100n)
    await eventually(() => settler.stats().outbox).toBe(0)
    expect(engine.settled.size).toBe(1)
  })

  test('stays the same for an engine that refuses, which is reported, and asked again slowly', async () => {
    const { alice, engine, scene } = await setUp()
    engine.judge = ({ path }) => (path.endsWith('/settlements') ? { status: 400 } : undefined)
    await scene.owe(alice, 100n)
    const settler = await startSettler(scene, { retryMaxMs: 3_600_000 })
    await engine.until(() => settlements(engine.asked).length === 1)
    await eventually(() => settler.logger.entries.filter(({ level }) => level === 'error').length).toBe(1)
    const report = settler.logger.entries.find(({ level }) => level === 'error')
    expect(report?.fields).toMatchObject({ account: 'alice', amount: '100', status: 400 })
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(settlements(engine.asked).length).toBe(1)
    engine.judge = () => undefined
    settler.retryNow()
    await engine.until(() => engine.total === 100n)
    expect(engine.settled.size).toBe(1)
    expect(await scene.balanceOf(alice)).toBe(0n)
  })

  test('stays the same over a restart, whether the engine has it or not', async () => {
    for (const verdict of ['cut', 'lost'] as const) {
      const { alice, engine, scene } = await setUp()
      engine.judge = ({ path }) => (path.endsWith('/settlements') ? verdict : undefined)
      await scene.owe(alice, 100n)
      const first = await startSettler(scene)
      await engine.until(() => settlements(engine.asked).length > 0)
      await first.stop()
      engine.judge = () => undefined
      const second = await startSettler(scene)
      await engine.until(() => settlements(engine.asked).length > 1)
      await eventually(() => second.stats().outbox).toBe(0)
      expect([engine.settled.size, engine.total]).toEqual([1, 100n])
    }
  })
})

describe('while the store is out of reach', () => {
  test('settlements wait for it, whether its steps had an effect or not', async () => {
    for (const failure of ['before', 'behind'] as const) {
      const { alice, engine, scene } = await setUp()
      let left = 2
      scene.fails = step => (step !== 'readOutbox' && left-- > 0 ? failure : undefined)
      vi.useFakeTimers({
        toFake: ['setTimeout', 'setInterval'],
        shouldAdvanceTime: true,
        advanceTimeDelta: 20,
      })
      try {
        await scene.owe(alice, 100n)
        const settler = await startSettler(scene)
        await vi.waitFor(async () => {
          await vi.advanceTimersByTimeAsync(100)
          expect(engine.total).toBe(100n)
          expect(await scene.outbox()).toBe(0)
        }, 30_000)
        expect(engine.settled.size).toBe(1)
        const said = settler.logger.entries.filter(
          ({ message }) => message === 'settlements wait for the store',
        )
        expect(said).toHaveLength(1)
        await settler.stop()
      } finally {
        vi.useRealTimers()
      }
    }
  })

  test('an engine that has a settlement is not asked again for the store’s sake', async () => {
    const { alice, engine, scene } = await setUp()
    let left = 3
    scene.fails = step => (step === 'acknowledge' && left-- > 0 ? 'before' : undefined)
    await scene.owe(alice, 100n)
    const settler = await startSettler(scene)
    await engine.until(() => engine.total === 100n)
    await eventually(() => settler.stats().outbox).toBe(0)
    expect(scene.calls.filter(step => step === 'acknowledge')).toHaveLength(4)
    expect(settlements(engine.asked)).toHaveLength(1)
  })
})

describe('several processes on one store', () => {
  test('send the same settlement under the same key, and have it once', async () => {
    const { alice, engine, scene } = await setUp()
    const settlers = [await startSettler(scene), await startSettler(scene), await startSettler(scene)]
    for (let i = 1n; i <= 20n; i++) {
      await scene.owe(alice, 100n)
      for (const settler of settlers) settler.booked(alice)
      await engine.until(() => engine.total === 100n * i)
    }
    await eventually(() => scene.outbox()).toBe(0)
    expect(engine.settled.size).toBe(20)
  })

  test('see what another one has settled before they send it again', async () => {
    const { alice, engine, scene } = await setUp()
    engine.judge = ({ path }) => (path.endsWith('/settlements') ? 'cut' : undefined)
    await scene.owe(alice, 100n)
    const settler = await startSettler(scene, { retryMinMs: 3_600_000, retryMaxMs: 3_600_000 })
    await eventually(() => settler.stats().outbox).toBe(1)
    await eventually(() => settler.stats().engines[0]?.lastError).toBeDefined()
    for (const { key } of await scene.memory.settlements.readOutbox())
      await scene.memory.settlements.acknowledge(key)
    // What this one has read of the outbox is old by now.
    const nowMs = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(nowMs + 2_000)
    onTestFinished(() => void vi.restoreAllMocks())
    settler.retryNow()
    await eventually(() => settler.stats().outbox).toBe(0)
    expect(settlements(engine.asked)).toHaveLength(1)
  })

  test('take up what another one left', async () => {
    const { alice, engine, scene } = await setUp({ settleThreshold: 1_000n })
    const settler = await startSettler(scene, { lookIntervalMs: 5 })
    await engine.until(() => engine.accounts.has('alice'))
    await scene.owe(alice, 100n)
    await scene.memory.settlements.settle(alice, { threshold: 1n, settleTo: 0n })
    await engine.until(() => engine.total === 100n)
    await eventually(() => settler.stats().outbox).toBe(0)
  })
})

describe('accounts that can’t be settled', () => {
  test.each([
    ['settleTo is below minBalance', { settleTo: -1n }, 0n],
    ['settleThreshold is below settleTo', { settleThreshold: 5n, settleTo: 6n }, undefined],
    ['engineUrl is no http or https URL', { engineUrl: 'ftp://engine' }, undefined],
    ['engineUrl is no http or https URL', { engineUrl: 'engine:3000' }, undefined],
    ['settleIntervalMs is not in 1..2147483647', { settleIntervalMs: 0 }, undefined],
    ['settleIntervalMs is not in 1..2147483647', { settleIntervalMs: 2 ** 31 }, undefined],
  ])('are reported: %s', async (fault, settings, minBalance) => {
    const { engine, scene } = await setUp()
    const alice = settled(
      'alice',
      { engineUrl: engine.url, settleThreshold: 100n, ...settings },
      { minBalance },
    )
    await scene.put(alice)
    await scene.owe(alice, 1_000n)
    const settler = await startSettler(scene)
    expect(settler.logger.entries).toContainEqual({
      level: 'error',
      fields: { account: 'alice', fault },
      message: 'an account is not settled',
    })
    settler.booked(alice)
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(scene.calls).not.toContain('settle')
  })

  test('have what is in the outbox sent, when they are disabled', async () => {
    const { alice, engine, scene } = await setUp()
    await scene.owe(alice, 100n)
    await scene.memory.settlements.settle(alice, { threshold: 1n, settleTo: 0n })
    await scene.owe(alice, 500n)
    await scene.put({ ...alice, isDisabled: true })
    const settler = await startSettler(scene)
    await engine.until(() => engine.total === 100n)
    await eventually(() => settler.stats().outbox).toBe(0)
    expect(await scene.balanceOf(alice)).toBe(500n)
  })

  test('are orphans, when the outbox has something of them and they have no engine: said once', async () => {
    const { alice, scene } = await setUp()
    await scene.owe(alice, 100n)
    await scene.memory.settlements.settle(alice, { threshold: 1n, settleTo: 0n })
    await scene.accounts.remove(alice.id)
    const settler = await startSettler(scene, { lookIntervalMs: 2 })
    await eventually(() => scene.calls.filter(step => step === 'readOutbox').length).toBeGreaterThan(3)
    expect(settler.stats()).toMatchObject({ outbox: 1, orphans: 1 })
    expect(settler.logger.entries.filter(({ level }) => level === 'error')).toHaveLength(1)
  })
})

describe('a store that can lose what it acknowledged', () => {
  test('is not settled on', async () => {
    const { engine, scene } = await setUp()
    scene.loses = 'everything when the process ends'
    await expect(startSettler(scene)).rejects.toMatchObject({ code: 'ERR_STORE_UNSAFE' })
    expect(engine.requests).toEqual([])
  })

  test('is fine for a node without engines, and refuses accounts that get one later', async () => {
    const { engine } = await setUp()
    const scene = await startScene()
    scene.loses = 'everything when the process ends'
    const settler = await startSettler(scene)
    await scene.put(settled('alice', { engineUrl: engine.url }))
    expect(settler.logger.entries.map(({ message }) => message)).toEqual([
      'an account is not settled on a store that can lose it',
    ])
    expect(settler.stats().engines).toEqual([])
    expect(engine.requests).toEqual([])
  })

  test('is settled on where that was asked for', async () => {
    const { alice, engine, scene } = await setUp()
    scene.loses = 'everything when the process ends'
    await scene.owe(alice, 100n)
    await startSettler(scene, { allowVolatileSettlement: true })
    await engine.until(() => engine.total === 100n)
  })
})

test('a stop gives up what is under way, and nothing happens after it', async () => {
  const { alice, engine, scene } = await setUp()
  engine.judge = ({ path }) => (path.endsWith('/settlements') ? 'silent' : undefined)
  await scene.owe(alice, 100n)
  const settler = await startSettler(scene, { lookIntervalMs: 5 })
  await engine.until(() => settlements(engine.asked).length === 1)
  const startedAtMs = Date.now()
  await settler.stop()
  // An answer may take thirty seconds.
  expect(Date.now() - startedAtMs).toBeLessThan(10_000)
  const { length } = scene.calls
  settler.booked(alice)
  settler.retryNow()
  await new Promise(resolve => setTimeout(resolve, 30))
  expect(scene.calls.length).toBe(length)
  expect(settler.logger.entries.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
})

test.each([
  { retryMaxMs: 3_600_001 },
  { retryMinMs: 0 },
  { checkIntervalMs: 0.5 },
  { requestsMax: Number.NaN },
])('the options %j are refused', async options => {
  await expect(startSettler(await startScene(), options)).rejects.toThrow(RangeError)
})
