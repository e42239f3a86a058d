import { describe, expect, it } from 'vitest'
import {
  accountId,
  errorBoundary,
  Fulfill,
  type Logger,
  type PacketWatcher,
  Prepare,
  type Service,
  silentLogger,
} from './index.js'

const NO_DATA = Buffer.alloc(0)
const SECRET = 'password of the database'

const request = {
  from: { id: accountId('bob') },
  prepare: Prepare.create({
    units: 1n,
    expiresAt: new Date(0),
    executionCondition: Buffer.alloc(32),
    destination: 'test.alice.carol',
    data: NO_DATA,
  }),
}
type Request = typeof request

/** A boundary around a service with this `call`, and what it logged as an error. */
function bounded(call: Service<Request>['call'], address = 'test.alice') {
  const errors: { fields: object; message: string }[] = []
  const logger: Logger = { ...silentLogger, error: (fields, message) => errors.push({ fields, message }) }
  const inner: Service<Request> = { ready: () => Promise.resolve(), call }
  const service = errorBoundary({ address: () => address, logger })(inner)
  return { service, inner, errors }
}

describe('errorBoundary', () => {
  it('lets replies pass', async () => {
    const fulfill = Fulfill.create({ fulfillment: Buffer.alloc(32), data: NO_DATA })
    const { service, errors } = bounded(async () => fulfill)
    expect(await service.call(request)).toBe(fulfill)
    expect(errors).toEqual([])
  })

  it.each<[string, Service<Request>['call']]>([
    [
      'throws',
      () => {
        throw new Error(SECRET)
      },
    ],
    ['rejects', () => Promise.reject(new Error(SECRET))],
    ['rejects with no error', () => Promise.reject(SECRET)],
    ['rejects with nothing', () => Promise.reject()],
  ])('answers T00 when a service %s, and tells the peer nothing of it', async (_, call) => {
    const { service, errors } = bounded(call)
    const reply = await service.call(request)
    expect(reply).toMatchObject({ code: 'T00', triggeredBy: 'test.alice', message: 'internal error' })
    expect(reply.data).toHaveLength(0)
    expect(reply.toBuffer().includes(SECRET)).toBe(false)
    expect(errors).toHaveLength(1)
  })

  it('logs the error whole, with the account that the packet came from', async () => {
    const error = new Error(SECRET, { cause: 'the disk' })
    const { service, errors } = bounded(() => Promise.reject(error))
    await service.call(request)
    expect(errors).toEqual([
      { fields: { err: error, account: 'bob' }, message: 'a service threw instead of answering' },
    ])
  })

  it('has no address to give while the node has none', async () => {
    const { service } = bounded(() => Promise.reject(new Error()), '')
    expect(await service.call(request)).toMatchObject({ code: 'T00', triggeredBy: '' })
  })

  it('passes ready through', () => {
    const { service, inner } = bounded(async () => Fulfill.create({ fulfillment: NO_DATA, data: NO_DATA }))
    expect(service.ready).toBe(inner.ready)
  })
})

describe('silentLogger', () => {
  it('takes everything and writes nothing', () => {
    for (const write of Object.values(silentLogger)) expect(write({ account: 'bob' }, 'text')).toBeUndefined()
    expect(Object.keys(silentLogger)).toEqual(['debug', 'info', 'warn', 'error'])
  })

  it('tells a watcher of each packet once: when it comes, and with its answer', async () => {
    const fulfill = Fulfill.create({ fulfillment: Buffer.alloc(32), data: NO_DATA })
    const seen: unknown[] = []
    const watcher: PacketWatcher = {
      began: ({ from }) => seen.push(`${from.id} comes`),
      answered: (packet, reply, began) => seen.push([packet, reply, began]),
      threw: () => seen.push('threw'),
    }
    const layer = errorBoundary({ address: () => 'test.alice', logger: silentLogger, watcher })
    const answers: Service<Request>['call'][] = [
      async () => fulfill,
      () => Promise.reject(new Error('a bug')),
      () => {
        throw new Error('a bug')
      },
    ]
    for (const call of answers) {
      seen.length = 0
      const reply = await layer({ ready: () => Promise.resolve(), call }).call(request)
      expect(seen).toEqual(['bob comes', [request, reply, 1]])
    }
  })
})
