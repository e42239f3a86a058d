import type { ServerResponse } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

/** The connections that the listener has to end: HTTP/1.1 sockets that were not upgraded, and HTTP/2 sessions. */
export class Connections {
  /** Each socket's last response: earlier ones are sent before it, so that it alone decides how the socket ends. */
  readonly #sockets = new Map<Socket, ServerResponse | undefined>()
  readonly #sessions = new Set<ServerHttp2Session>()
  #drained: (() => void) | undefined

  opened(socket: Socket): void {
    this.#sockets.set(socket, undefined)
    socket.once('close', () => this.#left(socket))
  }

  /** The socket is somebody else's from here on. Returns whether all that came over it was answered. */
  release(socket: Socket): boolean {
    const last = this.#sockets.get(socket)
    this.#left(socket)
    return isAnswered(last)
  }

  answering(response: ServerResponse): void {
    this.#sockets.set(response.req.socket, response)
  }

  sessionOpened(session: ServerHttp2Session): void {
    this.#sessions.add(session)
    session.once('close', () => {
      this.#sessions.delete(session)
      this.#check()
    })
  }

  /**
   * Closes what is idle at once and the rest behind its last answer, which says so to the peer. What is left after
   * `timeoutMs` is destroyed.
   */
  async drain(timeoutMs: number): Promise<void> {
    const drained = new Promise<void>(resolve => {
      this.#drained = resolve
    })
    for (const session of this.#sessions) session.close()
    for (const [socket, response] of this.#sockets) finish(socket, response)
    this.#check()
    const timer = setTimeout(() => this.#drained?.(), timeoutMs)
    await drained
    clearTimeout(timer)
    for (const session of this.#sessions) session.destroy()
    for (const socket of this.#sockets.keys()) socket.destroy()
  }

  #left(socket: Socket): void {
    this.#sockets.delete(socket)
    this.#check()
  }

  #check(): void {
    if (this.#sockets.size === 0 && this.#sessions.size === 0) this.#drained?.()
  }
}

const isAnswered = (last: ServerResponse | undefined): boolean => !last || last.writableFinished

function finish(socket: Socket, last: ServerResponse | undefined): void {
  if (!last || isAnswered(last)) socket.destroySoon()
  else if (last.headersSent) last.once('finish', () => socket.destroySoon())
  else last.setHeader('Connection', 'close')
}
