import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo, ListenOptions } from 'node:net'

const require = createRequire(import.meta.url)

/**
 * What npm's Interledger packages call a plugin, version 2: `ilp-protocol-stream` and others take one. These are
 * methods of a class all the same: they need their object.
 */
export interface Plugin {
  /** Settles when the peer has authenticated, for a listener as for a dialler. Rejects when a first peer fails to. */
  readonly connect: () => Promise<void>
  readonly disconnect: () => Promise<void>
  readonly isConnected: () => boolean
  /** Sends an ILP packet and settles with the answer's bytes; rejects on a BTP error, or after 35 s. */
  readonly sendData: (packet: Buffer) => Promise<Buffer>
  readonly sendMoney: (amount: string) => Promise<void>
  readonly registerDataHandler: (handler: (packet: Buffer) => Promise<Buffer>) => void
  readonly deregisterDataHandler: () => void
  readonly registerMoneyHandler: (handler: (amount: string) => Promise<void>) => void
  readonly deregisterMoneyHandler: () => void
}

export interface DiallingOptions {
  readonly server: { readonly url: string; readonly token: string; readonly username?: string }
}

export interface ListeningOptions {
  readonly listener: { readonly token: string }
}

export interface ListeningPlugin extends Plugin {
  /** Where the peer dials: settles once `connect` has been called and the port is open. */
  readonly url: Promise<string>
}

interface PluginModules {
  readonly WebSocket: typeof WebSocketOfNpm
}

/** npm's own types would bring those of Node 10 into the program. */
const BtpPlugin = require('ilp-plugin-btp') as new (options: object, modules: PluginModules) => Plugin
/** The `ws` that the plugin was written for. */
const WebSocketOfNpm = createRequire(require.resolve('ilp-plugin-btp'))('ws') as new (
  url: string,
) => NodeJS.EventEmitter

/**
 * The plugin takes all listeners off a socket before it closes it. One that is still connecting then emits an error
 * that nobody hears, which ends the process.
 */
class WebSocketClosedQuietly extends WebSocketOfNpm {
  override removeAllListeners(...events: [event?: string | symbol]): this {
    super.removeAllListeners(...events)
    return this.on('error', () => {})
  }
}

/**
 * npm's `ilp-plugin-btp`: a BTP client of `server`, or a BTP server (`listener`) for one peer on a port of 127.0.0.1.
 * Nothing is opened before `connect`.
 */
export function createBtpPlugin(options: DiallingOptions): Plugin
export function createBtpPlugin(options: ListeningOptions): ListeningPlugin
export function createBtpPlugin(options: DiallingOptions | ListeningOptions): Plugin {
  const modules = { WebSocket: WebSocketClosedQuietly }
  if ('server' in options) {
    const { url, token, username = '' } = options.server
    return new BtpPlugin({ server: `btp+${url}`, btpToken: token, btpAccount: username }, modules)
  }
  const server = createServer()
  const url = once(server, 'listening').then(() => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  // What it is told as its port, it hands to the server's `listen` as it stands.
  const port: ListenOptions = { host: '127.0.0.1', port: 0 }
  const listener = { port, secret: options.listener.token, wsOpts: { server } }
  return Object.assign(new BtpPlugin({ listener }, modules), { url })
}
