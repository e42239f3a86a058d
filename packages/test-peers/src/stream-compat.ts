import { createRequire } from 'node:module'
import type { Plugin } from './btp-plugin.js'

/** The parts of npm's `ilp-protocol-stream` that tests use; its own types would bring those of Node 10 along. */
export interface StreamModule {
  /** Connects to a receiver; asks the plugin's peer for this side's address by IL-DCP. */
  readonly createConnection: (options: StreamConnectionOptions) => Promise<StreamConnection>
  readonly createServer: (options: StreamServerOptions) => Promise<StreamServer>
  readonly DataAndMoneyStream: { readonly prototype: MoneyStream }
}

interface StreamSettings {
  readonly plugin: Plugin
  /** How much worse than its first estimate the exchange rate may become; 0.01 unless set. */
  readonly slippage?: number
}

export interface StreamConnectionOptions extends StreamSettings {
  readonly destinationAccount: string
  readonly sharedSecret: Buffer
}

export interface StreamServerOptions extends StreamSettings {
  readonly serverSecret?: Buffer
  /** Says no to a packet by rejecting. */
  readonly shouldFulfill?: (amount: unknown, packetId: Buffer) => Promise<void>
}

export interface StreamConnection extends NodeJS.EventEmitter {
  readonly createStream: () => MoneyStream
  readonly end: () => Promise<void>
  readonly destroy: (error?: unknown) => Promise<void>
  readonly totalDelivered: string
  readonly totalReceived: string
  readonly totalSent: string
}

/** A stream; emits `money` with the amount of each packet received, and what Node's `Duplex` emits. */
export interface MoneyStream extends NodeJS.EventEmitter {
  readonly id: number
  readonly setSendMax: (amount: string | number) => void
  readonly setReceiveMax: (amount: string | number) => void
  /** Settles when `amount` in all has been sent. */
  readonly sendTotal: (amount: string | number) => Promise<void>
  /** Settles when `amount` in all has come. */
  readonly receiveTotal: (amount: string | number) => Promise<void>
  readonly end: () => void
  readonly totalReceived: string
  readonly totalSent: string
}

/** Emits `connection` with a `StreamConnection`. */
export interface StreamServer extends NodeJS.EventEmitter {
  readonly generateAddressAndSecret: () => {
    readonly destinationAccount: string
    readonly sharedSecret: Buffer
  }
  readonly acceptConnection: () => Promise<StreamConnection>
  readonly close: () => Promise<void>
}

/**
 * npm's `ilp-protocol-stream`, made usable on current Node: its streams assign `closed`, by now a getter of Node's
 * own class, which throws. Repeated calls change nothing more, and packages that use that module (of this version)
 * by themselves profit as well.
 */
export function streamCompat(): StreamModule {
  const stream = createRequire(import.meta.url)('ilp-protocol-stream') as StreamModule
  Object.defineProperty(stream.DataAndMoneyStream.prototype, 'closed', {
    value: false,
    writable: true,
    configurable: true,
  })
  return stream
}
