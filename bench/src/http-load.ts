/**
 * A process that sends Prepares over HTTP and is where they end as well. It tells where it takes Prepares, which it
 * fulfils at once; then it sends one load after another, as it is told to.
 */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Fulfill, Prepare, writeTimestamp } from '@ilp/service-core'
import { cpuMicros } from '@ilp/test-peers'
import { HttpMessages } from './http-messages.js'

export interface HttpLoadOptions {
  /** Where the Prepares are posted: an `http` URL. */
  readonly url: string
  readonly token: string
  readonly destination: string
  /** Each has one request under way at a time. */
  readonly connections: number
  readonly warmupMs: number
  readonly durationMs: number
  /** The process that is measured. */
  readonly cpuPid: number
}

export interface HttpLoadResult {
  readonly packetsPerSecond: number
  /** CPU time of the process that is measured. */
  readonly cpuMicrosPerPacket: number
  /** The share of one core that this process took: near 1, it is the load that was measured. */
  readonly loadCpu: number
}

export type HttpLoadReply = HttpLoadResult | { readonly error: string }

const FULFILLMENT = Buffer.alloc(32)
const FULFILL_TYPE = 13
const EXPIRES_IN_MS = 20_000
const EXPIRY_EVERY_MS = 1_000
const DATA_BYTES = 60
const COUNTER_BYTES = 4
/** Of a Prepare of this size: its type, its length in two bytes, its amount. */
const EXPIRY_AT = 11
const READ_BUFFER_BYTES = 65_536

const fulfill = Fulfill.create({ fulfillment: FULFILLMENT, data: Buffer.alloc(0) }).toBuffer()
const answer = Buffer.concat([
  Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${fulfill.length}\r\n\r\n`,
  ),
  fulfill,
])

/** Answers every request with a Fulfill. */
async function startSink(): Promise<string> {
  const server = createServer({ noDelay: true }, socket => {
    const messages = new HttpMessages(() => socket.write(answer))
    socket.on('data', chunk => messages.push(chunk))
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ilp`
}

/** The request of a load: one Prepare after another in the same bytes. */
class Request {
  readonly bytes: Buffer
  readonly #expiryAt: number
  #count = 0

  constructor({ url, token, destination }: HttpLoadOptions) {
    const prepare = Prepare.create({
      units: 1n,
      expiresAt: new Date(Date.now() + EXPIRES_IN_MS),
      executionCondition: createHash('sha256').update(FULFILLMENT).digest(),
      destination,
      data: randomBytes(DATA_BYTES),
    }).toBuffer()
    const { host, pathname } = new URL(url)
    const head = [
      `POST ${pathname} HTTP/1.1`,
      `Host: ${host}`,
      `Authorization: Bearer ${token}`,
      'Content-Type: application/octet-stream',
      `Content-Length: ${prepare.length}`,
      '\r\n',
    ].join('\r\n')
    this.bytes = Buffer.concat([Buffer.from(head), prepare])
    this.#expiryAt = head.length + EXPIRY_AT
  }

  renew(): void {
    writeTimestamp(this.bytes, this.#expiryAt, Date.now() + EXPIRES_IN_MS)
  }

  /** A packet of its own, in bytes of their own: a socket may hold on to what it is given. */
  next(): Buffer {
    const copy = Buffer.from(this.bytes)
    copy.writeUInt32BE(this.#count++, copy.length - COUNTER_BYTES)
    return copy
  }
}

/** Connections that each send a Prepare, wait for its Fulfill, and send the next. */
class Load {
  answered = 0
  #sending = true
  #inFlight = 0
  readonly #sockets: Socket[]
  #drained: () => void = () => {}
  #fail!: (error: unknown) => void
  /** Rejects when something other than a Fulfill comes, or a connection ends; never settles otherwise. */
  readonly failed: Promise<never>

  constructor(options: HttpLoadOptions, request: Request) {
    this.failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failed.catch(() => {})
    const { hostname, port } = new URL(options.url)
    // All of them read into one buffer, one after another.
    const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES)
    this.#sockets = Array.from({ length: options.connections }, () => {
      const send = () => {
        this.#inFlight += 1
        socket.write(request.next())
      }
      const messages = new HttpMessages((bytes, headAt, bodyAt, end) => {
        if (bytes[bodyAt] !== FULFILL_TYPE) throw new Error(bytes.toString('latin1', headAt, end))
        this.answered += 1
        this.#inFlight -= 1
        if (this.#sending) send()
        else if (this.#inFlight === 0) this.#drained()
      })
      const read = (length: number): boolean => {
        try {
          messages.push(buffer.subarray(0, length))
        } catch (error) {
          this.#fail(error)
        }
        return true
      }
      const socket = connect({
        host: hostname,
        port: Number(port),
        noDelay: true,
        onread: { buffer, callback: read },
      })
      socket.on('connect', send)
      socket.on('error', this.#fail)
      socket.on('close', () => this.#fail(new Error('a connection was closed')))
      return socket
    })
  }

  /** Sends no more, and settles when everything sent has been answered. */
  async drain(): Promise<void> {
    this.#sending = false
    if (this.#inFlight > 0) {
      await new Promise<void>(resolve => {
        this.#drained = resolve
      })
    }
  }

  close(): void {
    this.#fail = () => {}
    for (const socket of this.#sockets) socket.destroy()
  }
}

const after = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function measure(options: HttpLoadOptions): Promise<HttpLoadResult> {
  const request = new Request(options)
  const renewal = setInterval(() => request.renew(), EXPIRY_EVERY_MS)
  const load = new Load(options, request)
  try {
    await Promise.race([load.failed, after(options.warmupMs)])
    const start = performance.now()
    const answeredBefore = load.answered
    const cpuBefore = cpuMicros(options.cpuPid)
    const ownBefore = process.cpuUsage()
    await Promise.race([load.failed, after(options.durationMs)])
    const durationMs = performance.now() - start
    const packets = load.answered - answeredBefore
    const own = process.cpuUsage(ownBefore)
    const cpu = cpuMicros(options.cpuPid) - cpuBefore
    await Promise.race([load.failed, load.drain()])
    return {
      packetsPerSecond: (packets / durationMs) * 1_000,
      cpuMicrosPerPacket: cpu / packets,
      loadCpu: (own.user + own.system) / 1_000 / durationMs,
    }
  } finally {
    clearInterval(renewal)
    load.close()
  }
}

console.log(await startSink())
process.on('message', (options: HttpLoadOptions) => {
  measure(options).then(
    result => process.send?.(result satisfies HttpLoadReply),
    (error: unknown) => process.send?.({ error: String(error) } satisfies HttpLoadReply),
  )
})
