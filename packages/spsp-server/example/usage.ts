import { randomBytes } from 'node:crypto'
import { createListener } from '@ilp/listener'
import { sequence } from '@ilp/service-core'
import { spspServer } from '@ilp/spsp-server'

/** Asks a node whom to pay, and returns the receiver's ILP address. */
export async function whomToPay(path: string): Promise<string | undefined> {
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  const spsp = spspServer({
    listener,
    // A STREAM receiver's credentials belong here: new ones for each query.
    receiverFor: (username = 'alice') =>
      username === 'alice'
        ? {
            destinationAccount: `test.node.${username}.${randomBytes(8).toString('hex')}`,
            sharedSecret: randomBytes(32),
          }
        : undefined,
  })
  const node = sequence([spsp, listener])
  await node.start()
  const response = await fetch(listener.url() + path, { headers: { Accept: 'application/spsp4+json' } })
  const { destination_account } = (await response.json()) as { destination_account?: string }
  await node.stop()
  return destination_account
}
