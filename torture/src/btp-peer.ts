import { decodeFrame, encodeAuth, encodeIlp, FrameType } from '@ilp/btp-packet'
import { decodeReply, Prepare, type Reply } from '@ilp/service-core'
import { WebSocket } from 'ws'

const AUTH_ID = 0

/** Takes a Prepare; `answer` is false when the connection is gone. */
export type OnPrepare = (prepare: Prepare, answer: (reply: Reply) => boolean) => void

/** One BTP connection to a connector. */
export class BtpPeer {
  readonly closed: Promise<void>
  readonly #socket: WebSocket
  readonly #asked = new Map<number, (reply: Reply | undefined) => void>()
  readonly #onPrepare: OnPrepare
  #lastId = AUTH_ID

  private constructor(socket: WebSocket, onPrepare: OnPrepare, authenticated: () => void) {
    this.#socket = socket
    this.#onPrepare = onPrepare
    socket.on('message', (bytes: Buffer) => this.#take(bytes, authenticated))
    socket.on('error', () => {})
    this.closed = new Promise(resolve =>
      socket.once('close', () => {
        for (const answered of this.#asked.values()) answered(undefined)
        this.#asked.clear()
        resolve()
      }),
    )
  }

  /** Undefined when the connector doesn't take it in. */
  static async open(url: string, token: string, onPrepare: OnPrepare): Promise<BtpPeer | undefined> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/btp`, { perMessageDeflate: false })
    let authenticated = () => {}
    const accepted = new Promise<void>(resolve => (authenticated = resolve))
    const peer = new BtpPeer(socket, onPrepare, () => authenticated())
    socket.once('open', () => socket.send(encodeAuth(AUTH_ID, { token, username: undefined })))
    const isOpen = await Promise.race([accepted.then(() => true), peer.closed.then(() => false)])
    return isOpen ? peer : undefined
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  /** Undefined when the connection ends before there is an answer. */
  send(prepare: Prepare): Promise<Reply | undefined> {
    if (!this.isOpen) return Promise.resolve(undefined)
    this.#lastId += 1
    const id = this.#lastId
    return new Promise(resolve => {
      this.#asked.set(id, resolve)
      this.#socket.send(encodeIlp(FrameType.MESSAGE, id, prepare))
    })
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.#socket.terminate()
  }

  #take(bytes: Buffer, authenticated: () => void): void {
    const frame = decodeFrame(bytes)
    if (frame.type === FrameType.RESPONSE && frame.requestId === AUTH_ID) return authenticated()
    const data = frame.type === FrameType.ERROR ? undefined : frame.protocolData[0]?.data
    const packet = data && Buffer.from(data)
    if (frame.type === FrameType.MESSAGE) {
      if (packet) this.#onPrepare(Prepare.decode(packet), reply => this.#answer(frame.requestId, reply))
      return
    }
    this.#asked.get(frame.requestId)?.(packet && decodeReply(packet))
    this.#asked.delete(frame.requestId)
  }

  #answer(id: number, reply: Reply): boolean {
    if (!this.isOpen) return false
    this.#socket.send(encodeIlp(FrameType.RESPONSE, id, reply))
    return true
  }
}
