import { describe, expect, it } from 'vitest'
import {
  type Account,
  accountId,
  Fulfill,
  type IncomingRequest,
  type Lifecycle,
  type OutgoingRequest,
  type Pass,
  Prepare,
  reject,
  type Service,
  stack,
} from './index.js'

const NO_DATA = Buffer.alloc(0)
const bob: Account = { id: accountId('bob') }
const carol: Account = { id: accountId('carol') }
const fulfill = Fulfill.create({ fulfillment: Buffer.alloc(32), data: NO_DATA })
const prepare = Prepare.create({
  units: 10n,
  expiresAt: new Date(0),
  executionCondition: Buffer.alloc(32),
  destination: 'test.alice.carol',
  data: NO_DATA,
})

/** Services that write down what happens to them. */
function recorder() {
  const log: string[] = []
  const life = (name: string): Lifecycle => ({
    start: async () => {
      log.push(`start ${name}`)
    },
    stop: async () => {
      log.push(`stop ${name}`)
    },
  })
  const layer =
    (name: string): Pass<IncomingRequest> =>
    inner => ({
      ready: inner.ready,
      call: request => {
        log.push(name)
        return inner.call(request)
      },
      ...life(name),
    })
  const router = (inner: Service<OutgoingRequest>): Service<IncomingRequest> => ({
    ready: inner.ready,
    call: request => {
      log.push('router')
      return inner.call({ ...request, to: carol, incomingAmount: request.prepare.units })
    },
    ...life('router'),
  })
  const client: Service<OutgoingRequest> = {
    ready: () => Promise.resolve(),
    call: async request => {
      log.push(`client to ${request.to.id}`)
      return fulfill
    },
    ...life('client'),
  }
  return { log, life, layer, router, client }
}

describe('stack', () => {
  it('leads a packet through the layers in the order in which they are written', async () => {
    const { log, layer, router, client } = recorder()
    const chain = stack<IncomingRequest>()
      .use(layer('server'))
      .use(layer('validator'))
      .route(router)
      .use(layer('balance'))
      .around(client)
    expect(await chain.call({ from: bob, prepare })).toBe(fulfill)
    expect(log).toEqual(['server', 'validator', 'router', 'balance', 'client to carol'])
  })

  it('gives every layer the answer of the one behind it, and lets it answer by itself', async () => {
    const { log, layer, router, client } = recorder()
    const refuse: Pass<IncomingRequest> = inner => ({
      ready: inner.ready,
      call: async () => reject('F00', 'test.alice', 'refused'),
    })
    const chain = stack<IncomingRequest>()
      .use(layer('server'))
      .use(refuse)
      .use(layer('never'))
      .route(router)
      .around(client)
    expect(await chain.call({ from: bob, prepare })).toMatchObject({ code: 'F00', message: 'refused' })
    expect(log).toEqual(['server'])
  })

  it('adds nothing of its own to a call: a passing layer hands the very promise on', () => {
    const { layer, router } = recorder()
    const answer = Promise.resolve(fulfill)
    const client: Service<OutgoingRequest> = { ready: () => Promise.resolve(), call: () => answer }
    const chain = stack<IncomingRequest>().use(layer('a')).route(router).use(layer('b')).around(client)
    expect(chain.call({ from: bob, prepare })).toBe(answer)
  })

  it('starts from the inside out and stops from the outside in', async () => {
    const { log, layer, router, client } = recorder()
    const chain = stack<IncomingRequest>()
      .use(layer('server'))
      .route(router)
      .use(layer('balance'))
      .around(client)
    expect(log).toEqual([])
    await chain.start()
    await chain.stop()
    expect(log).toEqual([
      ...['start client', 'start balance', 'start router', 'start server'],
      ...['stop server', 'stop router', 'stop balance', 'stop client'],
    ])
  })

  it('stops what it had begun when a layer fails to start', async () => {
    const { log, layer, router, client } = recorder()
    const broken: Pass<IncomingRequest> = inner => ({
      ...layer('broken')(inner),
      start: () => Promise.reject(new Error('port in use')),
    })
    const chain = stack<IncomingRequest>().use(layer('server')).use(broken).route(router).around(client)
    await expect(chain.start()).rejects.toThrow('port in use')
    expect(log).toEqual(['start client', 'start router', 'stop broken', 'stop router', 'stop client'])
  })

  it('starts and stops once, and ends with the block that holds it', async () => {
    const { log, router, client } = recorder()
    {
      await using chain = stack<IncomingRequest>().route(router).around(client)
      await Promise.all([chain.start(), chain.start()])
    }
    expect(log).toEqual(['start client', 'start router', 'stop router', 'stop client'])
  })

  it('counts a layer that is the inner service itself only once', async () => {
    const { log, layer, router, client } = recorder()
    const nothing: Pass<IncomingRequest> = inner => inner
    const chain = stack<IncomingRequest>()
      .use(nothing)
      .use(layer('server'))
      .use(nothing)
      .use(nothing)
      .route(router)
      .use(nothing)
      .around(client)
    await chain.start()
    await chain.call({ from: bob, prepare })
    await chain.stop()
    expect(log).toEqual([
      ...['start client', 'start router', 'start server'],
      ...['server', 'router', 'client to carol'],
      ...['stop server', 'stop router', 'stop client'],
    ])
  })

  it('counts a layer that spreads the inner service only for what is its own', async () => {
    const { log, layer, router, client } = recorder()
    const spreading: Pass<IncomingRequest> = inner => ({ ...inner, call: request => inner.call(request) })
    const chain = stack<IncomingRequest>()
      .use(layer('server'))
      .use(spreading)
      .use(layer('validator'))
      .route(router)
      .use(spreading)
      .around(client)
    await chain.start()
    await chain.stop()
    expect(log).toEqual([
      ...['start client', 'start router', 'start validator', 'start server'],
      ...['stop server', 'stop validator', 'stop router', 'stop client'],
    ])
  })

  it('is the end itself when there are no layers', async () => {
    const { log, client } = recorder()
    const chain = stack<OutgoingRequest>().around(client)
    expect(chain.call).toBe(client.call)
    await chain.start()
    await chain.stop()
    expect(log).toEqual(['start client', 'stop client'])
  })

  it('passes ready through from the end, with its signal', async () => {
    const { layer, router, client } = recorder()
    const signals: (AbortSignal | undefined)[] = []
    const end: Service<OutgoingRequest> = {
      ...client,
      ready: async signal => {
        signals.push(signal)
        throw new Error('store is away')
      },
    }
    const chain = stack<IncomingRequest>().use(layer('a')).route(router).use(layer('b')).around(end)
    const { signal } = new AbortController()
    await expect(chain.ready(signal)).rejects.toThrow('store is away')
    expect(signals).toEqual([signal])
  })

  it('can be put around several ends, each with layers of its own', async () => {
    const { log, layer, router, client } = recorder()
    const base = stack<IncomingRequest>().use(layer('server'))
    const other: Service<IncomingRequest> = { ready: client.ready, call: async () => reject('F02', '', '') }
    const routed = base.route(router).around(client)
    const alone = base.around(other)
    expect(await routed.call({ from: bob, prepare })).toBe(fulfill)
    expect(await alone.call({ from: bob, prepare })).toMatchObject({ code: 'F02' })
    expect(log).toEqual(['server', 'router', 'client to carol', 'server'])
  })

  it('takes a finished chain as its end', async () => {
    const { log, layer, router, client } = recorder()
    const outgoing = stack<OutgoingRequest>().use(layer('balance')).around(client)
    const incoming = stack<IncomingRequest>().use(layer('server')).route(router).around(outgoing)
    await outgoing.start()
    await incoming.start()
    await incoming.call({ from: bob, prepare })
    await incoming.stop()
    await outgoing.stop()
    expect(log).toEqual([
      ...['start client', 'start balance', 'start router', 'start server'],
      ...['server', 'router', 'balance', 'client to carol'],
      ...['stop server', 'stop router', 'stop balance', 'stop client'],
    ])
  })
})
