import { CONFIG_ADDRESS, configResponse } from '@ilp/ildcp-packet'
import { type Asset, decodeReply, Prepare, type Reply, unreachable } from '@ilp/service-core'
import type { Plugin } from './btp-plugin.js'

export interface LocalPluginOptions {
  /** What its owner is told by IL-DCP. */
  readonly address: string
  readonly asset: Asset
  /** Gets what its owner sends; unless given, that is F02. */
  readonly send?: (prepare: Prepare) => Promise<Reply>
}

export interface LocalPlugin {
  /** For npm's packages. */
  readonly plugin: Plugin
  /** Hands its owner a packet. Rejects when nobody listens. */
  readonly deliver: (prepare: Prepare) => Promise<Reply>
}

/** A plugin whose other end is in this process. */
export function localPlugin({ address, asset, send }: LocalPluginOptions): LocalPlugin {
  let handler: ((packet: Buffer) => Promise<Buffer>) | undefined
  let connected = false
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
      if (prepare.destination === CONFIG_ADDRESS) return configResponse({ address, asset }).toBuffer()
      const reply = send ? await send(prepare) : unreachable(address, 'nobody is here')
      return reply.toBuffer()
    },
    sendMoney: async () => {},
    registerDataHandler: given => {
      handler = given
    },
    deregisterDataHandler: () => {
      handler = undefined
    },
    registerMoneyHandler: () => {},
    deregisterMoneyHandler: () => {},
  }
  const deliver = async (prepare: Prepare): Promise<Reply> => {
    if (!handler) throw new Error('nobody listens')
    return decodeReply(await handler(prepare.toBuffer()))
  }
  return { plugin, deliver }
}
