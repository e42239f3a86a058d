import { once } from 'node:events'
import { configResponse } from '@ilp/ildcp-packet'
import { decodeReply, Prepare, type Reply } from '@ilp/service-core'
import { type MoneyStream, type Plugin, type StreamConnection, streamCompat } from '@ilp/test-peers'
import { CLIENT_ASSET, type Net, net, SERVER_ASSET, type WayOptions } from './path.js'

/** What is used here of npm's streams beyond what other tests use: they are Node's `Duplex` streams as well. */
export interface NpmStream extends MoneyStream, AsyncIterable<Buffer> {
  readonly write: (data: Buffer) => boolean
  readonly destroy: () => void
  readonly receipt: Buffer | undefined
}

export interface NpmConnection extends Omit<StreamConnection, 'createStream'> {
  readonly createStream: () => NpmStream
  readonly destinationAssetCode: string
  readonly destinationAssetScale: number
}

/** A plugin at one end of a net, and the net. */
function pluginIn(end: 'client' | 'server', up: WayOptions, down: WayOptions): { plugin: Plugin; net: Net } {
  const none = (): Promise<Buffer> => Promise.reject(new Error('nobody listens'))
  let handler: (packet: Buffer) => Promise<Buffer> = none
  let connected = false
  const receive = async (prepare: Prepare): Promise<Reply> => decodeReply(await handler(prepare.toBuffer()))
  const between = net(up, down, { other: { end, receive } })
  const address = `test.net.${end}`
  const asset = end === 'client' ? CLIENT_ASSET : SERVER_ASSET
  const plugin: Plugin = {
    connect: async () => {
      connected = true
    },
    disconnect: async () => {
      connected = false
    },
    isConnected: () => connected,
    sendData: async bytes => {
      const prepare = Prepare.decode(bytes)
      if (prepare.destination === 'peer.config') return configResponse({ address, asset }).toBuffer()
      return (await between[end].send(prepare)).toBuffer()
    },
    sendMoney: async () => {},
    registerDataHandler: given => {
      handler = given
    },
    deregisterDataHandler: () => {
      handler = none
    },
    registerMoneyHandler: () => {},
    deregisterMoneyHandler: () => {},
  }
  return { plugin, net: between }
}

/** npm's server, and a net whose other end is the client. */
export async function npmServer(up: WayOptions = {}, down: WayOptions = {}, terms?: object) {
  const { plugin, net: between } = pluginIn('server', up, down)
  const server = await streamCompat().createServer({ plugin })
  const issue = server.generateAddressAndSecret as (
    terms?: object,
  ) => ReturnType<typeof server.generateAddressAndSecret>
  const { destinationAccount, sharedSecret } = issue.call(server, terms)
  const connection = once(server, 'connection').then(([given]) => given as NpmConnection)
  return { net: between, destinationAddress: destinationAccount, sharedSecret, connection, server }
}

/** npm's client, yet to connect, and a net whose other end is the server. */
export function npmClient(up: WayOptions = {}, down: WayOptions = {}) {
  const { plugin, net: between } = pluginIn('client', up, down)
  const connect = async (destinationAccount: string, sharedSecret: Uint8Array): Promise<NpmConnection> => {
    const connection = await streamCompat().createConnection({
      plugin,
      destinationAccount,
      sharedSecret: Buffer.from(sharedSecret),
    })
    return connection as unknown as NpmConnection
  }
  return { net: between, connect }
}

/** All that comes on one of npm's streams. */
export async function readAllOf(stream: NpmStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
