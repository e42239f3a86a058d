import { checkOptions, createEdge, type Edge } from '@ilp/edge'
import { silentLogger } from '@ilp/service-core'

/** Starts an edge before `connector`, with one customer, Bob, whose node takes packets at `bob`. */
export async function startEdge(connector: string, bob: string): Promise<Edge> {
  const edge = createEdge(
    checkOptions({
      ilpAddress: 'test.alice.edge',
      listen: '127.0.0.1:0',
      asset: { code: 'USD', scale: 9 },
      secretSeed: '01'.repeat(32),
      upstream: {
        outgoing: { url: connector, token: 'edge-at-alices' },
        incomingTokens: ['alice-at-the-edge'],
        minBalance: '-1000000',
      },
      accounts: [
        {
          username: 'bob',
          outgoing: { url: bob, token: 'edge-at-bobs' },
          incomingTokens: ['bob-at-the-edge'],
          maxPacketAmount: '5000',
          rateLimit: { packetsPerMinute: 600 },
        },
      ],
    }),
    { logger: silentLogger },
  )
  await edge.start()
  return edge
}
