import { once } from 'node:events'
import type { Prepare, Reply } from '@ilp/service-core'
import type { TestPathOptions } from '@ilp/service-testing'
import { localPlugin, type MoneyStream, type StreamConnection, streamCompat } from '@ilp/test-peers'
import { CLIENT_ASSET, type Net, net, SERVER_ASSET } from './net.js'

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
function pluginIn(end: 'client' | 'server', up: TestPathOptions, down: TestPathOptions) {
  const asset = end === 'client' ? CLIENT_ASSET : SERVER_ASSET
  const send = (prepare: Prepare): Promise<Reply> => between[end].send(prepare)
  const { plugin, deliver } = localPlugin({ address: `test.net.${end}`, asset, send })
  const between: Net = net(up, down, { other: { end, receive: deliver } })
  return { plugin, net: between }
}

/** npm's server, and a net whose other end is the client. */
export async function npmServer(up: TestPathOptions = {}, down: TestPathOptions = {}, terms?: object) {
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
export function npmClient(up: TestPathOptions = {}, down: TestPathOptions = {}) {
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
