import { bearerTokens } from '@ilp/http-auth'
import { httpServer } from '@ilp/http-server'
import { createListener } from '@ilp/listener'
import { decodeReply, type IncomingRequest, isFulfill, sequence, stack } from '@ilp/service-core'
import { fulfillingService, type TestAccount, testAccount, testPrepare } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets } from '@ilp/store-traits'

/** A node that fulfills whatever alice sends: takes one packet with this token and says what became of it. */
export async function sendOnePacket(token: string): Promise<string> {
  const { accounts, credentials, ...store } = createMemoryStore<TestAccount>({
    secrets: createSecrets(new Uint8Array(32)),
  })
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  const tokens = bearerTokens({ credentials })
  const { authenticate } = tokens
  const chain = stack<IncomingRequest<TestAccount>>()
    .use(httpServer({ listener, accounts, authenticate, address: () => 'test.node' }))
    .around(fulfillingService())

  // The port opens when the chain has started, and closes before it stops.
  const node = sequence([store, tokens, chain, listener])
  await node.start()
  const alice = testAccount('alice')
  await accounts.put(alice)
  await credentials.setIncomingTokens(alice.id, 'http', ['alices-token'])

  const response = await fetch(`${listener.url()}/accounts/alice/ilp`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/octet-stream' },
    body: new Uint8Array(testPrepare().toBuffer()),
  })
  const body = Buffer.from(await response.arrayBuffer())
  await node.stop()
  if (!response.ok) return `refused with ${response.status}`
  return isFulfill(decodeReply(body)) ? 'fulfilled' : 'rejected'
}
