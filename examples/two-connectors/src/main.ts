/**
 * Alice's and Bob's connectors, linked over BTP, and a shop behind Bob's. A payer, npm's `ilp-protocol-stream`, pays
 * the shop through an account at Alice's. At the end every unit is accounted for.
 */
import { checkConfig, createConnector } from '@ilp/connector'
import { silentLogger } from '@ilp/service-core'
import { createReceiver } from '@ilp/stream-receiver-app'
import { createBtpPlugin } from '@ilp/test-peers'
import { type Node, printBooks, readBooks } from './books.js'
import { pay } from './pay.js'

const AMOUNT = 1_000_000n
const asset = { code: 'USD', scale: 9 }
const listen = '127.0.0.1:0'
const logger = silentLogger

let received = 0n
const shop = createReceiver(
  {
    ilpAddress: 'test.bob.shop',
    listen: { host: '127.0.0.1', port: 0 },
    incomingTokens: ['bob-at-the-shop'],
    secretSeed: '3'.repeat(64),
    asset,
  },
  {
    logger,
    onMoney: ({ amount }) => {
      received += amount
    },
  },
)
await shop.start()

const bob = createConnector(
  checkConfig({
    ilpAddress: 'test.bob',
    listen,
    adminListen: listen,
    adminToken: 'admin-at-bobs',
    secretSeed: '2'.repeat(64),
    accounts: [
      {
        username: 'alice',
        relation: 'peer',
        ilpAddress: 'test.alice',
        asset,
        minBalance: `-${AMOUNT}`,
        btp: { incomingTokens: ['alice-at-bobs'] },
      },
      {
        username: 'shop',
        relation: 'child',
        asset,
        http: { outgoing: { url: `${shop.url()}/ilp`, token: 'bob-at-the-shop' } },
      },
    ],
  }),
  { logger },
)
await bob.start()

const alice = createConnector(
  checkConfig({
    ilpAddress: 'test.alice',
    listen,
    adminListen: listen,
    adminToken: 'admin-at-alices',
    secretSeed: '1'.repeat(64),
    accounts: [
      {
        username: 'payer',
        relation: 'child',
        asset,
        minBalance: `-${AMOUNT}`,
        btp: { incomingTokens: ['payer-at-alices'] },
      },
      {
        username: 'bob',
        relation: 'peer',
        ilpAddress: 'test.bob',
        asset,
        btp: { outgoing: { url: `${webSocket(bob.url())}/btp`, token: 'alice-at-bobs' } },
      },
    ],
  }),
  { logger },
)
await alice.start()

const nodes: readonly Node[] = [
  { name: 'alice', url: alice.adminUrl() ?? '', token: 'admin-at-alices', accounts: ['payer', 'bob'] },
  { name: 'bob', url: bob.adminUrl() ?? '', token: 'admin-at-bobs', accounts: ['alice', 'shop'] },
]
console.log(`\npayer ── BTP ──▶ test.alice ── BTP ──▶ test.bob ── HTTP ──▶ test.bob.shop\n`)

const plugin = createBtpPlugin({
  server: { url: `${webSocket(alice.url())}/accounts/payer/ilp/btp`, token: 'payer-at-alices' },
})
await pay({ plugin, receiver: `${shop.url()}/.well-known/pay`, amount: AMOUNT, received: () => received })
const isRight = printBooks(await readBooks(nodes), { amount: AMOUNT, received })

await alice.stop()
await bob.stop()
await shop.stop()
if (!isRight) process.exitCode = 1

function webSocket(url: string): string {
  return url.replace(/^http/, 'ws')
}
