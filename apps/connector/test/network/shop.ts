import { randomBytes } from 'node:crypto'
import { accountId, type IncomingRequest, Prepare, silentLogger, stack, unreachable } from '@ilp/service-core'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import type { Plugin } from '@ilp/test-peers'
import { usd } from '../support/settings.js'

interface Held {
  readonly units: bigint
  readonly answer: () => void
}

/** A STREAM receiver behind a plugin, which counts what has come, and can be made to keep its answers. */
export class Shop {
  readonly #streams = streamCredentials(randomBytes(32))
  readonly #held: Held[] = []
  #isHolding = false
  #look = () => {}
  received = 0n

  constructor(
    plugin: Plugin,
    readonly address: string,
  ) {
    const chain = stack<IncomingRequest>()
      .use(
        streamReceiver({
          receiverOf: () => ({ address, asset: usd }),
          credentials: this.#streams,
          logger: silentLogger,
          onMoney: ({ amount }) => {
            this.received += amount
            this.#look()
          },
        }),
      )
      .around({ ready: async () => {}, call: async () => unreachable(address, 'nobody else is here') })
    const from = { id: accountId('connector') }
    plugin.registerDataHandler(async bytes => {
      const prepare = Prepare.decode(bytes)
      if (this.#isHolding && prepare.units > 0n) {
        await new Promise<void>(answer => {
          this.#held.push({ units: prepare.units, answer })
          this.#look()
        })
      }
      return (await chain.call({ from, prepare })).toBuffer()
    })
  }

  readonly credentials = () => this.#streams.issue(this.address)

  /** Keeps answers from now on; settles when it has so many. */
  async hold(count: number): Promise<void> {
    this.#isHolding = true
    await this.#until(() => this.#held.length >= count)
  }

  /** Settles when it keeps answers to so much. */
  readonly keeps = (amount: bigint): Promise<void> =>
    this.#until(() => this.#held.reduce((sum, { units }) => sum + units, 0n) >= amount)

  /** Answers all that it has kept, and keeps none any more. Returns their amounts. */
  letGo(): readonly bigint[] {
    this.#isHolding = false
    const held = this.#held.splice(0)
    for (const { answer } of held) answer()
    return held.map(({ units }) => units)
  }

  /** Settles when so much has come. */
  readonly hasReceived = (amount: bigint): Promise<void> => this.#until(() => this.received >= amount)

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>(resolve => {
        this.#look = resolve
      })
    }
  }
}
