import { type BtpFrame, decodeFrame, encodeAuth, encodeIlp, FrameType } from '@ilp/btp-packet'
import { decodeReply, Prepare, type Reply } from '@ilp/service-core'
import { WebSocket } from 'ws'

const AUTH_ID = 0

export interface BtpPeerOptions {
  readonly token: string
  /** Sent as `auth_username`. */
  readonly username?: string
  /** Where the connector takes WebSockets. */
  readonly path?: string
}

/** Does what the test wants with a Prepare that the connector sent: answers are up to it. */
export type OnPrepare = (prepare: Prepare, id: number, peer: BtpPeer) => void

/** A BTP peer that authenticates and does nothing else by itself: what it sends and answers is up to the test. */
export class BtpPeer {
  /** Resolves with the WebSocket's status code when the connection is closed. */
  readonly closed: Promise<number>
  onPrepare: OnPrepare = () => {}
  readonly socket: WebSocket
  readonly #asked = new Map<number, { resolve: (frame: BtpFrame) => void; reject: (error: Error) => void }>()
  /** Far from the small numbers that tests give to frames of their own. */
  #lastId = 1_000_000

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (bytes: Buffer) => this.#take(bytes))
    socket.on('error', () => {})
    this.closed = new Promise(resolve => socket.once('close', resolve))
    void this.closed.then(() => {
      for (const { reject } of this.#asked.values()) reject(new Error('closed'))
      this.#asked.clear()
    })
  }

  /** @throws Error when the connector doesn't let it in */
  static async open(url: string, { token, username, path = '/btp' }: BtpPeerOptions): Promise<BtpPeer> {
    const socket = new WebSocket(url.replace(/^http/, 'ws') + path, {
      perMessageDeflate: false,
      // Certificates in tests sign themselves.
      rejectUnauthorized: false,
    })
    const peer = new BtpPeer(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const answer = await peer.ask(encodeAuth(AUTH_ID, { token, username }), AUTH_ID)
    if (answer.type === FrameType.RESPONSE) return peer
    await peer.closed
    throw new Error(`refused: ${answer.type === FrameType.ERROR ? Buffer.from(answer.data) : answer.type}`)
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  /** Sends a request's bytes, whatever they are; resolves with the frame that answers this id. */
  ask(bytes: Uint8Array, id: number): Promise<BtpFrame> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new Error('closed'))
      this.#asked.set(id, { resolve, reject })
      this.write(bytes)
    })
  }

  /** An id that no request of this peer has. */
  freshId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  /** @throws Error when the answer is no ILP packet, or there is none to come */
  async send(prepare: Pick<Prepare, 'byteLength' | 'copyTo'>): Promise<Reply> {
    const id = this.freshId()
    const answer = await this.ask(encodeIlp(FrameType.MESSAGE, id, prepare), id)
    if (answer.type === FrameType.ERROR) throw new Error(`BTP error: ${Buffer.from(answer.data)}`)
    const [primary] = answer.protocolData
    return decodeReply(Buffer.from(primary?.data ?? []))
  }

  /** Sends one message. */
  write(bytes: Uint8Array): void {
    this.socket.send(bytes)
  }

  respond(id: number, reply: Reply): void {
    this.write(encodeIlp(FrameType.RESPONSE, id, reply))
  }

  close(): Promise<number> {
    this.socket.close()
    return this.closed
  }

  /** Cuts the connection without a word. */
  cut(): Promise<number> {
    this.socket.terminate()
    return this.closed
  }

  #take(bytes: Buffer): void {
    const frame = decodeFrame(bytes)
    const packet = Buffer.from(frame.protocolData[0]?.data ?? [])
    if (frame.type === FrameType.MESSAGE) return this.onPrepare(Prepare.decode(packet), frame.requestId, this)
    this.#asked.get(frame.requestId)?.resolve(frame)
    this.#asked.delete(frame.requestId)
  }
}
