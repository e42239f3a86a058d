import {
  type Account,
  type IncomingRequest,
  type Logger,
  type Middleware,
  type OutgoingRequest,
  type Pass,
  silentLogger,
} from '@ilp/service-core'
import { Entrance } from './entrance.js'
import { Exit } from './exit.js'
import type { Plugin } from './plugin.js'

export interface PluginLinkDeps<A extends Account> {
  /** Not connected yet, and used by nobody else. */
  readonly plugin: Plugin
  /** Whose link it is. */
  readonly account: A
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /** Takes money that the peer has settled, in the account's unit, above zero. Without it, the plugin is told of no handler. */
  readonly onMoney?: ((amount: bigint) => Promise<void>) | undefined
  readonly logger?: Logger | undefined
}

export interface PluginLinkOptions {
  /** The first and the longest pause after the plugin failed to connect. */
  readonly retryMinMs: number
  readonly retryMaxMs: number
  /** How long the plugin has to disconnect. */
  readonly stopTimeoutMs: number
}

export const PLUGIN_LINK_DEFAULTS: PluginLinkOptions = {
  retryMinMs: 1_000,
  retryMaxMs: 30_000,
  stopTimeoutMs: 2_000,
}

/** A plugin as a pair of services: `server` stands at the top of the chain, `client` among the links at its end. */
export interface PluginLink<A extends Account> {
  readonly server: Middleware<IncomingRequest<A>>
  readonly client: Pass<OutgoingRequest>
  /**
   * Settles so much with the peer, through the plugin.
   * @throws whatever the plugin throws
   */
  readonly sendMoney: (amount: bigint) => Promise<void>
}

/**
 * Makes a classic plugin the link of an account. It is connected when the chain has started, which doesn't wait for
 * it, and disconnected when the chain has stopped. Both layers belong in the chain.
 * @throws RangeError when an option is no whole number above 0
 */
export function pluginLink<A extends Account>(
  deps: PluginLinkDeps<A>,
  options: Partial<PluginLinkOptions> = {},
): PluginLink<A> {
  const all = { ...PLUGIN_LINK_DEFAULTS, ...options }
  for (const [name, value] of Object.entries(all)) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  const { plugin, account, address, logger = silentLogger } = deps
  const entrance = new Entrance(account, address)
  const link = new Link(deps, all, entrance.receive)
  const send = (packet: Buffer) => plugin.sendData(packet)
  const way = () => (plugin.isConnected() ? send : undefined)
  const exit = new Exit({ account, address, logger, way, stop: link.close })
  return {
    server: entrance.layer(link.open),
    client: exit.layer,
    sendMoney: amount => plugin.sendMoney(amount.toString()),
  }
}

const MONEY = /^[0-9]{1,100}$/

/** The plugin's connection. */
class Link {
  readonly #deps: PluginLinkDeps<Account>
  readonly #options: PluginLinkOptions
  readonly #receive: (packet: Buffer) => Promise<Buffer>
  readonly #logger: Logger
  #isOpen = false
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    deps: PluginLinkDeps<Account>,
    options: PluginLinkOptions,
    receive: (packet: Buffer) => Promise<Buffer>,
  ) {
    this.#deps = deps
    this.#options = options
    this.#receive = receive
    this.#logger = deps.logger ?? silentLogger
  }

  readonly open = (): void => {
    const { plugin, account, onMoney } = this.#deps
    this.#isOpen = true
    plugin.registerDataHandler(this.#receive)
    if (onMoney) plugin.registerMoneyHandler(amount => this.#settled(amount, onMoney))
    // An emitter's error that nobody hears would end the process.
    plugin.on?.('error', err => this.#logger.warn({ err, account: account.id }, 'a plugin has an error'))
    this.#connect()
  }

  readonly close = async (): Promise<void> => {
    if (!this.#isOpen) return
    const { plugin, account, onMoney } = this.#deps
    this.#isOpen = false
    clearTimeout(this.#timer)
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<void>(resolve => {
      timer = setTimeout(resolve, this.#options.stopTimeoutMs)
    })
    const disconnected = (async () => plugin.disconnect())().catch((err: unknown) =>
      this.#logger.warn({ err, account: account.id }, 'a plugin failed to disconnect'),
    )
    await Promise.race([disconnected, timeout])
    clearTimeout(timer)
    plugin.deregisterDataHandler()
    if (onMoney) plugin.deregisterMoneyHandler()
  }

  #connect(): void {
    const { plugin, account } = this.#deps
    const { retryMinMs, retryMaxMs } = this.#options
    void (async () => plugin.connect())().then(
      () => {
        this.#failures = 0
      },
      (err: unknown) => {
        if (!this.#isOpen) return
        if (this.#failures === 0)
          this.#logger.warn({ err, account: account.id }, 'a plugin failed to connect')
        this.#timer = setTimeout(
          () => this.#connect(),
          Math.min(retryMinMs * 2 ** this.#failures, retryMaxMs),
        )
        this.#failures += 1
      },
    )
  }

  async #settled(amount: string, onMoney: (amount: bigint) => Promise<void>): Promise<void> {
    if (!MONEY.test(amount)) throw new RangeError('not an amount of money')
    const units = BigInt(amount)
    if (units > 0n) await onMoney(units)
  }
}
