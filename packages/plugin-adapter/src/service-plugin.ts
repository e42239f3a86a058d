import { EventEmitter } from 'node:events'
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
import type { DataHandler, Plugin } from './plugin.js'

export interface ServicePluginDeps<A extends Account> {
  /** Whose packets the plugin sends and receives. */
  readonly account: A
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly logger?: Logger | undefined
}

/** A chain as a plugin: `server` stands at the top of the chain, `client` among the links at its end. */
export interface ServicePlugin<A extends Account> {
  /** For programs that take a plugin. What it sends enters the chain; what the chain has for the account it receives. */
  readonly plugin: Plugin & EventEmitter
  readonly server: Middleware<IncomingRequest<A>>
  readonly client: Pass<OutgoingRequest>
}

/**
 * Makes a chain usable as a classic plugin. Packets that the plugin sends come from `account`; those to `account` go
 * to its data handler, and get T01 while there is none or the plugin is not connected.
 */
export function servicePlugin<A extends Account>(deps: ServicePluginDeps<A>): ServicePlugin<A> {
  const { account, address, logger = silentLogger } = deps
  const entrance = new Entrance(account, address)
  const plugin = new ChainPlugin(entrance.receive)
  const exit = new Exit({
    account,
    address,
    logger,
    way: () => plugin.way(),
    stop: () => plugin.disconnect(),
  })
  return { plugin, server: entrance.layer(() => {}), client: exit.layer }
}

class ChainPlugin extends EventEmitter implements Plugin {
  /** By which programs tell these plugins from older ones. */
  static readonly version = 2
  readonly #send: DataHandler
  #isConnected = false
  #handler: DataHandler | undefined

  constructor(send: DataHandler) {
    super()
    this.#send = send
  }

  /** What the chain's packets go to. */
  way(): DataHandler | undefined {
    return this.#isConnected ? this.#handler : undefined
  }

  async connect(): Promise<void> {
    if (this.#isConnected) return
    this.#isConnected = true
    this.emit('connect')
  }

  async disconnect(): Promise<void> {
    if (!this.#isConnected) return
    this.#isConnected = false
    this.emit('disconnect')
  }

  isConnected(): boolean {
    return this.#isConnected
  }

  async sendData(packet: Buffer): Promise<Buffer> {
    if (!this.#isConnected) throw new Error('the plugin is not connected')
    return this.#send(packet)
  }

  registerDataHandler(handler: DataHandler): void {
    if (this.#handler) throw new Error('the plugin has a data handler already')
    this.#handler = handler
  }

  deregisterDataHandler(): void {
    this.#handler = undefined
  }

  /** A chain settles by itself, not on its users' word. */
  async sendMoney(): Promise<void> {
    throw new Error('the plugin moves no money')
  }

  /** Never called: nothing settles. */
  registerMoneyHandler(): void {}

  deregisterMoneyHandler(): void {}
}
