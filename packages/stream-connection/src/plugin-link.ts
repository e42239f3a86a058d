import { configRequest, readConfiguration } from '@ilp/ildcp-packet'
import {
  decodeReply,
  InvalidPacketError,
  invalidPacket,
  isFulfill,
  Prepare,
  peerUnreachable,
  type Reply,
  unreachable,
} from '@ilp/service-core'
import { StreamError } from './errors.js'
import { Handlers, type Link } from './link.js'

const CONFIG_TIMEOUT_MS = 10_000

/** What is used of a classic Interledger plugin (its interface's version 2). Called as methods: most are classes. */
export interface ClassicPlugin {
  readonly connect: (options?: object) => Promise<void>
  readonly disconnect: () => Promise<void>
  readonly isConnected: () => boolean
  readonly sendData: (packet: Buffer) => Promise<Buffer>
  readonly registerDataHandler: (handler: (packet: Buffer) => Promise<Buffer>) => void
  readonly deregisterDataHandler: () => void
}

/** A link over a plugin. */
export interface PluginLink extends Link, AsyncDisposable {
  /** Disconnects the plugin. Close the connections before. */
  readonly close: () => Promise<void>
}

/**
 * Connects the plugin, which is used by nobody else from here on, and asks its peer for this end's address and asset
 * by IL-DCP (RFC 31).
 * @throws StreamError `ERR_STREAM_UNREACHABLE` when the peer doesn't tell, and whatever `connect` throws
 */
export async function createPluginLink(plugin: ClassicPlugin): Promise<PluginLink> {
  let address = ''
  const handlers = new Handlers(() => address)
  const send = async (prepare: Prepare): Promise<Reply> => {
    let bytes: Buffer
    try {
      bytes = await plugin.sendData(prepare.toBuffer())
      return decodeReply(bytes)
    } catch {
      return peerUnreachable(address, 'the plugin gave no answer')
    }
  }
  plugin.registerDataHandler(async bytes => {
    try {
      const prepare = Prepare.decode(bytes)
      const reply = await (handlers.find(prepare) ?? unreachable(address, 'nobody is here'))
      return reply.toBuffer()
    } catch (error) {
      if (!(error instanceof InvalidPacketError)) throw error
      return invalidPacket(address, error.message).toBuffer()
    }
  })
  const close = async (): Promise<void> => {
    plugin.deregisterDataHandler()
    await plugin.disconnect()
  }
  try {
    await plugin.connect()
    const reply = await send(configRequest(new Date(Date.now() + CONFIG_TIMEOUT_MS)))
    if (!isFulfill(reply)) {
      throw new StreamError('ERR_STREAM_UNREACHABLE', `no address from the plugin's peer: ${reply.message}`)
    }
    const configuration = readConfiguration(reply)
    address = configuration.address
    const link: Link = {
      address: () => address,
      asset: () => configuration.asset,
      send,
      attach: handlers.attach,
      listen: handlers.listen,
    }
    return { ...link, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}
