import { decodeReply, isFulfill, Prepare, type Reply } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import type { Plugin } from '@ilp/test-peers'

/** Sends a Prepare of so many units, with 30 s to go, and settles with its answer. */
export async function send(plugin: Plugin, destination: string, units: bigint): Promise<Reply> {
  const prepare = testPrepare({ destination, units })
  return decodeReply(await plugin.sendData(prepare.toBuffer()))
}

/** The same over HTTP. */
export async function post(url: string, token: string, prepare: Prepare): Promise<Reply> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(prepare.toBuffer()),
  })
  return decodeReply(Buffer.from(await response.arrayBuffer()))
}

/** The code of a Reject, or that it is none. */
export const outcome = (reply: Reply): string => (isFulfill(reply) ? 'fulfilled' : reply.code)

/** Fulfils every packet that comes to the plugin. */
export const fulfilAll = (plugin: Plugin): void =>
  plugin.registerDataHandler(async () => testFulfill().toBuffer())

interface HeldPacket {
  readonly prepare: Prepare
  readonly fulfil: () => void
  readonly reject: () => void
}

/** The packets that come to a plugin, which wait for the test to answer them. */
export class HeldPackets {
  readonly #packets: HeldPacket[] = []
  #look = () => {}

  constructor(plugin: Plugin) {
    plugin.registerDataHandler(
      bytes =>
        new Promise(answer => {
          this.#packets.push({
            prepare: Prepare.decode(bytes),
            fulfil: () => answer(testFulfill().toBuffer()),
            reject: () => answer(testReject().toBuffer()),
          })
          this.#look()
        }),
    )
  }

  /** All packets that are held, as soon as there are so many. */
  async take(count: number): Promise<readonly HeldPacket[]> {
    while (this.#packets.length < count) {
      await new Promise<void>(resolve => {
        this.#look = resolve
      })
    }
    return this.#packets.splice(0)
  }
}
