import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands in the middle of a link, which can be cut, or made slow in one direction, without either end doing it. */
export class TcpProxy {
  /** Where connections are passed on to. */
  targetPort = 0
  readonly #server = createServer({ noDelay: true }, client => this.#join(client))
  readonly #pairs = new Set<{ readonly client: Socket; readonly target: Socket }>()
  #isHolding = false

  /** Opens it on a free port, which it resolves with. */
  async open(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends all connections there are; new ones are taken as before. */
  cut(): void {
    for (const { client, target } of this.#pairs) {
      client.destroy()
      target.destroy()
    }
  }

  /** Keeps whatever comes back from the target, until `letGo`. */
  hold(): void {
    this.#isHolding = true
    for (const { client, target } of this.#pairs) target.unpipe(client)
  }

  letGo(): void {
    this.#isHolding = false
    for (const { client, target } of this.#pairs) target.pipe(client)
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  #join(client: Socket): void {
    const target = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true })
    const pair = { client, target }
    this.#pairs.add(pair)
    client.pipe(target)
    if (!this.#isHolding) target.pipe(client)
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      socket.on('error', () => {})
      socket.once('close', () => {
        this.#pairs.delete(pair)
        other.destroy()
      })
    }
  }
}
