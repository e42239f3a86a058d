import { accountId, decodeReply, isFulfill, Prepare } from '@ilp/service-core'
import { streamSender } from '@ilp/stream-sender'
import type { Plugin } from '@ilp/test-peers'
import type { Credentials } from '../support/payments.js'

/** The amounts of all packets that are fulfilled to what the plugin sends from now on. */
export function recordFulfilled(plugin: Plugin): readonly bigint[] {
  const amounts: bigint[] = []
  const { sendData } = plugin
  const recording: Plugin['sendData'] = async bytes => {
    const answer = await sendData.call(plugin, bytes)
    if (isFulfill(decodeReply(answer))) amounts.push(Prepare.decode(bytes).units)
    return answer
  }
  Object.assign(plugin, { sendData: recording })
  return amounts
}

/** Our STREAM sender, which pays through a plugin. */
export const senderThrough = (plugin: Plugin) =>
  streamSender({
    service: { call: async ({ prepare }) => decodeReply(await plugin.sendData(prepare.toBuffer())) },
    from: { id: accountId('payer') },
  })

/** The credentials as our sender takes them. */
export const destination = ({ destinationAccount, sharedSecret }: Credentials) => ({
  destinationAddress: destinationAccount,
  sharedSecret,
})
