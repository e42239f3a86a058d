import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { recordingLogger } from '@ilp/service-testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createWebhooks, verify, type WebhooksOptions, type WebhookTarget } from '../src/index.js'

const secret = 'a secret of both sides'

interface Delivery {
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly event: { readonly id: string; readonly type: string; readonly data: { readonly n: number } }
}

type Answer = (response: ServerResponse) => void
const status =
  (code: number): Answer =>
  response =>
    void response.writeHead(code, { location: '/elsewhere' }).end('what it says')

/** A receiver that answers as it is told to, and with 204 from then on. */
async function startReceiver(answers: Answer[] = [], port = 0) {
  const got: Delivery[] = []
  const sockets = new Set<Socket>()
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    got.push({ headers: request.headers, text, event: JSON.parse(text) as Delivery['event'] })
    const answer = answers.shift() ?? status(204)
    answer(response)
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(close)
  const { port: own } = server.address() as AddressInfo
  const numbers = () => got.map(({ event }) => event.data.n)
  return { url: `http://127.0.0.1:${own}/hook?key=hidden`, port: own, got, numbers, close, answers }
}

function start(targets: readonly WebhookTarget[], options: Partial<WebhooksOptions> = {}) {
  const logger = recordingLogger()
  const webhooks = createWebhooks({ targets, logger }, { retryMinMs: 1, retryMaxMs: 5, ...options })
  onTestFinished(webhooks.stop)
  const tell = (n: number, type = 'a') => webhooks.tell({ type, data: { n } })
  return { webhooks, logger, tell }
}

const eventually = <T>(look: () => T) => expect.poll(look, { interval: 5 })

describe('an event', () => {
  it('comes to those who asked for its type, signed with the secret of each', async () => {
    const [all, some] = [await startReceiver(), await startReceiver()]
    const { tell } = start([
      { url: all.url, secret },
      { url: some.url, secret: 'another', events: ['b'] },
    ])
    tell(1, 'a')
    tell(2, 'b')
    await eventually(all.numbers).toEqual([1, 2])
    await eventually(some.numbers).toEqual([2])
    for (const [receiver, own, other] of [
      [all, secret, 'another'],
      [some, 'another', secret],
    ] as const) {
      for (const { headers, text: body, event } of receiver.got) {
        const signature = String(headers['webhook-signature'])
        expect(verify({ body, signature, secret: own })).toBe(true)
        expect(verify({ body, signature, secret: other })).toBe(false)
        expect(headers['content-type']).toBe('application/json')
        expect(event).toEqual({
          id: expect.any(String),
          type: event.type,
          createdAt: expect.stringMatching(/^20.*Z$/),
          data: { n: event.data.n },
        })
      }
    }
    expect(all.got[1]?.event.id).toBe(some.got[0]?.event.id)
  })

  it('is repeated as it was until it is taken, and those behind it wait', async () => {
    const cut: Answer = response => response.socket?.destroy()
    const receiver = await startReceiver([status(500), status(404), status(302), cut])
    const { tell, webhooks, logger } = start([{ url: receiver.url, secret }])
    tell(1)
    tell(2)
    await eventually(receiver.numbers).toEqual([1, 1, 1, 1, 1, 2])
    expect(new Set(receiver.got.slice(0, 5).map(({ text }) => text)).size).toBe(1)
    await eventually(webhooks.stats).toMatchObject([{ waiting: 0, delivered: 2, failed: 0, dropped: 0 }])
    expect(logger.entries.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'webhooks do not get through'],
      ['info', 'webhooks get through again'],
    ])
    expect(JSON.stringify(logger.entries)).not.toMatch(/hidden|what it says|a secret/)
  })

  it('comes once the receiver is there', async () => {
    const receiver = await startReceiver()
    receiver.close()
    const { tell, logger } = start([{ url: receiver.url, secret }], { attemptsMax: 1_000_000 })
    tell(1)
    await eventually(() => logger.entries).toMatchObject([{ fields: { reason: 'ECONNREFUSED' } }])
    const back = await startReceiver([], receiver.port)
    await eventually(back.numbers).toEqual([1])
  })

  it('is given up in the end, and the next one gets its chance', async () => {
    const receiver = await startReceiver([status(500), status(500), status(500)])
    const { tell, webhooks, logger } = start([{ url: receiver.url, secret }], { attemptsMax: 3 })
    tell(1)
    tell(2)
    await eventually(receiver.numbers).toEqual([1, 1, 1, 2])
    await eventually(webhooks.stats).toMatchObject([{ waiting: 0, delivered: 1, failed: 1 }])
    expect(logger.entries.map(({ message }) => message)).toContain('a webhook was given up')
  })

  it('does not wait for a receiver that never answers', async () => {
    const receiver = await startReceiver([() => {}])
    const { tell } = start([{ url: receiver.url, secret }], { timeoutMs: 1_000 })
    tell(1)
    await eventually(receiver.numbers).toEqual([1, 1])
  })
})

describe('a receiver that is dead', () => {
  it('costs no more memory than what may wait: the oldest are dropped, counted and logged', async () => {
    const receiver = await startReceiver()
    receiver.close()
    const { tell, webhooks, logger } = start([{ url: receiver.url, secret }], {
      waitingMax: 10,
      retryMinMs: 60_000,
      retryMaxMs: 60_000,
    })
    for (let n = 0; n < 50_000; n++) tell(n)
    expect(webhooks.stats()).toMatchObject([{ waiting: 11, delivered: 0, dropped: 49_989 }])
    expect(logger.entries.filter(({ message }) => message === 'webhooks are dropped')).toHaveLength(1)
    await eventually(() => logger.entries.map(({ message }) => message)).toContain(
      'webhooks do not get through',
    )
    const back = await startReceiver([], receiver.port)
    await webhooks.stop()
    // The first was under way when the others came.
    expect(back.numbers()).toEqual([0, ...Array.from({ length: 10 }, (_, index) => 49_990 + index)])
  })

  it('holds up no other', async () => {
    const [dead, alive] = [await startReceiver([() => {}]), await startReceiver()]
    const { tell } = start([
      { url: dead.url, secret },
      { url: alive.url, secret },
    ])
    for (let n = 0; n < 5; n++) tell(n)
    await eventually(alive.numbers).toEqual([0, 1, 2, 3, 4])
    expect(dead.numbers()).toEqual([0])
  })
})

describe('a stop', () => {
  it('delivers what waits, once more', async () => {
    const receiver = await startReceiver([status(500)])
    const pauses = { retryMinMs: 60_000, retryMaxMs: 60_000 }
    const { tell, webhooks } = start([{ url: receiver.url, secret }], pauses)
    tell(1)
    tell(2)
    await eventually(receiver.numbers).toEqual([1])
    await webhooks.stop()
    expect(receiver.numbers()).toEqual([1, 1, 2])
    tell(3)
    expect(webhooks.stats()).toMatchObject([{ waiting: 0, delivered: 2, dropped: 1 }])
  })

  it('waits for nobody who is silent, and says what is lost', async () => {
    const receiver = await startReceiver([() => {}])
    const { tell, webhooks, logger } = start([{ url: receiver.url, secret }], { stopTimeoutMs: 20 })
    for (let n = 0; n < 3; n++) tell(n)
    await eventually(receiver.numbers).toEqual([0])
    await webhooks.stop()
    expect(webhooks.stats()).toMatchObject([{ waiting: 0, failed: 1, dropped: 2 }])
    expect(logger.entries.map(({ message }) => message)).toEqual([
      'webhooks do not get through',
      'a webhook was given up',
      'webhooks are dropped',
    ])
  })
})

describe('settings', () => {
  it('that are none are refused', () => {
    const logger = recordingLogger()
    expect(() => createWebhooks({ targets: [], logger }, { attemptsMax: 0 })).toThrow(RangeError)
    expect(() => createWebhooks({ targets: [{ url: 'nowhere', secret }], logger })).toThrow(TypeError)
  })
})
