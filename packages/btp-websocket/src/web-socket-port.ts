import type { Duplex } from 'node:stream'
import type { CloseReason, MessagePort, PortListener } from '@ilp/btp-pool'
import type { WebSocket } from 'ws'
import { Heartbeat } from './heartbeat.js'

/** Status codes of RFC 6455. */
const CLOSE_CODES: Record<CloseReason, number> = { violation: 1002, overrun: 1008, 'going-away': 1001 }

/**
 * A message port over an open WebSocket. What is sent in one turn of the event loop is handed to the system at once:
 * one call a turn in place of one a message. Nothing is read before somebody listens.
 */
export class WebSocketPort implements MessagePort {
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #heartbeat: Heartbeat
  #listener: PortListener | undefined
  #isCorked = false
  #isClosing = false
  #isClosed = false

  /**
   * @param stream what the WebSocket reads from and writes to
   * @param pingIntervalMs see `WebSocketOptions`
   */
  constructor(socket: WebSocket, stream: Duplex, pingIntervalMs: number) {
    this.#socket = socket
    this.#stream = stream
    this.#heartbeat = new Heartbeat(socket, pingIntervalMs)
    socket.pause()
    socket.on('message', (bytes: Buffer, isBinary: boolean) => {
      this.#heartbeat.hasHeard = true
      if (this.#isClosing) return
      if (isBinary) this.#listener?.message(bytes)
      else this.close('violation')
    })
    socket.on('close', () => {
      this.#isClosed = true
      this.#isClosing = true
      this.#heartbeat.stop()
      this.#listener?.closed()
    })
    // What is wrong shows in the 'close' that follows.
    socket.on('error', () => {})
  }

  listen(listener: PortListener): void {
    if (!this.#listener) this.#socket.resume()
    this.#listener = listener
    if (this.#isClosed) queueMicrotask(() => listener.closed())
  }

  send(bytes: Buffer): void {
    if (this.#isClosing) return
    if (!this.#isCorked) {
      this.#isCorked = true
      this.#stream.cork()
      // Comes when the packets that this turn brought have gone through their promises.
      process.nextTick(this.#uncork)
    }
    this.#socket.send(bytes)
  }

  unsentBytes(): number {
    return this.#socket.bufferedAmount
  }

  close(reason: CloseReason): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#socket.close(CLOSE_CODES[reason])
  }

  readonly #uncork = (): void => {
    this.#isCorked = false
    this.#stream.uncork()
  }
}
