import { connect, type Socket } from 'node:net'

/** After this, a connection that the connector keeps open is closed by this side. */
const PATIENCE_MS = 3_000

/** A connection that carries whatever bytes it is given. Errors of the connection end it, and nothing else. */
export class RawSocket {
  readonly socket: Socket
  readonly closed: Promise<void>
  #received = Buffer.alloc(0)
  #look = () => {}

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('error', () => {})
    this.socket.on('data', chunk => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#look()
    })
    this.closed = new Promise(resolve => {
      this.socket.once('close', () => {
        resolve()
        this.#look()
      })
    })
  }

  /** What has come so far. */
  get received(): Buffer {
    return this.#received
  }

  /** Resolves when what has come so far matches, or the connection is closed. */
  until(pattern: RegExp): Promise<string> {
    return new Promise(resolve => {
      this.#look = () => {
        const text = this.#received.toString('latin1')
        if (pattern.test(text) || this.socket.closed) resolve(text)
      }
      this.#look()
    })
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes)
  }

  destroy(): Promise<void> {
    this.socket.destroy()
    return this.closed
  }
}

/** Sends all of it, ends this side, and resolves with what came back once the connection is closed. */
export async function deliver(port: number, bytes: Uint8Array): Promise<Buffer> {
  const raw = new RawSocket(port)
  raw.socket.end(bytes)
  const timer = setTimeout(() => void raw.destroy(), PATIENCE_MS)
  await raw.closed
  clearTimeout(timer)
  return raw.received
}

/** Runs `task` for each of these, `lanes` of them at a time. */
export async function inLanes<Case>(
  cases: readonly Case[],
  lanes: number,
  task: (one: Case, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < cases.length) {
      const index = next++
      await task(cases[index] as Case, index)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** A request for a WebSocket, as a client writes it. */
export const upgradeRequest = (path = '/btp'): Buffer =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )

export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const

export interface WebSocketFrame {
  readonly opcode?: number
  /** Whether it is the last frame of its message; yes unless set. */
  readonly isLast?: boolean
  /** The length that it claims to have; its payload's unless set. */
  readonly claim?: bigint
}

/** A frame of RFC 6455, masked with zeros as a client may. */
export function webSocketFrame(payload: Uint8Array, options: WebSocketFrame = {}): Buffer {
  const { opcode = Opcode.BINARY, isLast = true, claim = BigInt(payload.length) } = options
  const head = Buffer.alloc(10)
  head[0] = (isLast ? 0x80 : 0) | opcode
  let size = 2
  if (claim < 126n) head[1] = 0x80 | Number(claim)
  else if (claim < 65_536n) {
    head[1] = 0x80 | 126
    size = head.writeUInt16BE(Number(claim), 2)
  } else {
    head[1] = 0x80 | 127
    size = head.writeBigUInt64BE(claim, 2)
  }
  return Buffer.concat([head.subarray(0, size), Buffer.alloc(4), payload])
}

/** A whole message as a server sends it: in one frame, of at most 65,535 octets, and not masked. */
export function serverFrame(payload: Uint8Array): Buffer {
  const { length } = payload
  const head = length < 126 ? [0x82, length] : [0x82, 126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), payload])
}
