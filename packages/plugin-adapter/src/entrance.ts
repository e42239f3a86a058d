import {
  type Account,
  connectorBusy,
  type IncomingRequest,
  InvalidPacketError,
  invalidPacket,
  type Lifecycle,
  lifecycle,
  type Middleware,
  Prepare,
  type Service,
} from '@ilp/service-core'

/** Where bytes from one account enter a chain. */
export class Entrance<A extends Account> {
  readonly #account: A
  readonly #address: () => string
  #inner: Service<IncomingRequest<A>> | undefined

  constructor(account: A, address: () => string) {
    this.#account = account
    this.#address = address
  }

  /** The layer at the top of the chain. Packets are taken from its start, behind which `opened` is called, to its stop. */
  layer(opened: () => void): Middleware<IncomingRequest<A>> {
    return inner => {
      const steps: Lifecycle = {
        start: async () => {
          this.#inner = inner
          opened()
        },
        stop: async () => {
          this.#inner = undefined
        },
      }
      return { ...lifecycle(steps), ready: inner.ready, call: inner.call }
    }
  }

  /** Takes a Prepare and settles with its answer. Throws only on a bug behind it. */
  readonly receive = async (bytes: Buffer): Promise<Buffer> => {
    if (this.#inner === undefined) {
      return connectorBusy(this.#address(), 'this node takes no packets now').toBuffer()
    }
    let prepare: Prepare
    try {
      prepare = Prepare.decode(bytes)
    } catch (error) {
      if (!(error instanceof InvalidPacketError)) throw error
      return invalidPacket(this.#address(), error.message).toBuffer()
    }
    const reply = await this.#inner.call({ from: this.#account, prepare })
    return reply.toBuffer()
  }
}
