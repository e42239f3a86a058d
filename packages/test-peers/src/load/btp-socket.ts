import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { BTP_MESSAGE, BTP_RESPONSE, btpPacket } from './btp-message.js'
import { FrameTemplate } from './frame-template.js'

/** A BTP server, and how we log in there. */
export interface BtpPeer {
  /** `ws://host:port/path`; there is no TLS here. */
  readonly url: string
  readonly token: string
  readonly username?: string
}

/** What a socket's owner does with what comes, once it is authenticated. */
export interface BtpSocketHandlers {
  /** A BTP packet lies at `at`..`end` of `bytes`, until the call returns. */
  readonly packet: (bytes: Buffer, at: number, end: number) => void
  /** All packets of one read have been handed over: the time to write. */
  readonly read: () => void
}

const READ_BUFFER_BYTES = 262_144
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const BINARY_FINAL = 0x82
const CLOSE_FINAL = 0x88
const PING_FINAL = 0x89
const PONG_FINAL = 0x8a

/**
 * A BTP client over a bare TCP socket, with as much of WebSocket (RFC 6455) as it takes to talk to a well-behaved
 * server. Reads land in one buffer, packets are handed over where they lie, and whatever answers one read can go as
 * one write.
 */
export class BtpSocket {
  /** Settles when the peer has accepted the token. */
  readonly opened: Promise<void>
  /** Rejects when anything goes wrong, or the connection ends, before `close`; never settles otherwise. */
  readonly failed: Promise<never>
  readonly #peer: BtpPeer
  readonly #handlers: BtpSocketHandlers
  readonly #socket: Socket
  readonly #buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES)
  #filled = 0
  readonly #key = randomBytes(16).toString('base64')
  #state: 'upgrading' | 'authenticating' | 'open' = 'upgrading'
  #settle!: () => void
  #fail!: (error: unknown) => void

  constructor(peer: BtpPeer, handlers: BtpSocketHandlers) {
    const url = new URL(peer.url)
    this.#peer = peer
    this.#handlers = handlers
    this.failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failed.catch(() => {})
    this.opened = new Promise((resolve, reject) => {
      this.#settle = resolve
      this.failed.catch(reject)
    })
    this.#socket = connect({
      host: url.hostname,
      port: Number(url.port || 80),
      noDelay: true,
      onread: { buffer: () => this.#buffer.subarray(this.#filled), callback: length => this.#read(length) },
    })
    this.#socket.on('error', this.#fail)
    this.#socket.on('close', () => this.#fail(new Error(`${url.host} closed the connection`)))
    this.#socket.write(upgradeRequest(url, this.#key))
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  close(): void {
    this.#fail = () => {}
    this.#socket.destroy()
  }

  #read(length: number): boolean {
    const filled = this.#filled + length
    try {
      const consumed = this.#parse(this.#buffer.subarray(0, filled))
      if (consumed === 0 && filled === READ_BUFFER_BYTES) throw new Error('frame too large')
      this.#buffer.copyWithin(0, consumed, filled)
      this.#filled = filled - consumed
    } catch (error) {
      this.#fail(error)
      this.#socket.destroy()
    }
    return true
  }

  /** Takes whole frames off the front of `bytes` and returns where the rest begins. */
  #parse(bytes: Buffer): number {
    const start = this.#state === 'upgrading' ? this.#upgrade(bytes) : 0
    if (this.#state === 'upgrading') return 0
    const consumed = this.#frames(bytes, start)
    this.#handlers.read()
    return consumed
  }

  #upgrade(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) return 0
    const head = bytes.toString('latin1', 0, end)
    const accept = createHash('sha1')
      .update(this.#key + ACCEPT_SUFFIX)
      .digest('base64')
    if (!head.startsWith('HTTP/1.1 101') || !head.includes(accept)) throw new Error(`no WebSocket: ${head}`)
    const { token, username } = this.#peer
    const auth = btpPacket(BTP_MESSAGE, {
      auth: Buffer.alloc(0),
      ...(username !== undefined && { auth_username: username }),
      auth_token: token,
    })
    this.write(new FrameTemplate(auth).toBuffer())
    this.#state = 'authenticating'
    return end + 4
  }

  #frames(bytes: Buffer, start: number): number {
    let at = start
    while (at + 2 <= bytes.length) {
      const first = bytes[at] as number
      let length = bytes[at + 1] as number
      let payloadAt = at + 2
      if (length === 126) {
        if (at + 4 > bytes.length) break
        length = bytes.readUInt16BE(at + 2)
        payloadAt = at + 4
      } else if (length > 126) throw new Error('frame too large')
      const end = payloadAt + length
      if (end > bytes.length) break
      if (first !== BINARY_FINAL) this.#control(first, bytes.subarray(payloadAt, end))
      else if (this.#state === 'open') this.#handlers.packet(bytes, payloadAt, end)
      else this.#authenticated(bytes[payloadAt] as number)
      at = end
    }
    return at
  }

  #authenticated(type: number): void {
    if (type !== BTP_RESPONSE) throw new Error('the peer refused the token')
    this.#state = 'open'
    this.#settle()
  }

  #control(first: number, payload: Buffer): void {
    if (first === PING_FINAL) this.write(new FrameTemplate(payload, PONG_FINAL).toBuffer())
    else if (first === CLOSE_FINAL)
      throw new Error(`the peer closed the WebSocket, code ${payload.toString('hex')}`)
    else if (first !== PONG_FINAL) throw new Error(`unexpected WebSocket frame ${first}`)
  }
}

const upgradeRequest = ({ host, pathname, search }: URL, key: string): string =>
  [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    '\r\n',
  ].join('\r\n')
