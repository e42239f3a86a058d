import type { WebSocket } from 'ws'

const TICKS_PER_PING = 2
const SILENT_TICKS_MAX = 4

/**
 * Pings the peer and ends the connection when nothing at all comes from it any more: after two to two and a half
 * ping intervals of silence.
 */
export class Heartbeat {
  /** Set by whoever receives something of the peer. */
  hasHeard = true
  readonly #socket: WebSocket
  readonly #tickMs: number
  readonly #timer: NodeJS.Timeout
  #ticks = 0
  #silentTicks = 0
  #lastTickMs = performance.now()

  constructor(socket: WebSocket, pingIntervalMs: number) {
    this.#socket = socket
    this.#tickMs = pingIntervalMs / TICKS_PER_PING
    this.#timer = setInterval(() => this.#tick(), this.#tickMs).unref()
    const hear = () => {
      this.hasHeard = true
    }
    socket.on('ping', hear)
    socket.on('pong', hear)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    const now = performance.now()
    // This process was held up: what the peer sent meanwhile has not been read.
    const isLate = now - this.#lastTickMs > 2 * this.#tickMs
    this.#lastTickMs = now
    this.#silentTicks = this.hasHeard || isLate ? 0 : this.#silentTicks + 1
    this.hasHeard = false
    this.#ticks += 1
    if (this.#silentTicks >= SILENT_TICKS_MAX) this.#socket.terminate()
    else if (this.#ticks % TICKS_PER_PING === 0) this.#socket.ping()
  }
}
