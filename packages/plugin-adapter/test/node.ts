import { ildcp } from '@ilp/ildcp'
import { createRoutingTable, router } from '@ilp/router'
import {
  type AccountId,
  type IncomingRequest,
  type OutgoingRequest,
  silentLogger,
  stack,
  unreachable,
} from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { onTestFinished } from 'vitest'
import { type Plugin, pluginLink, servicePlugin } from '../src/index.js'

type A = ReturnType<typeof testAccount>

interface NodeSettings {
  /** Accounts that programs use by plugins. */
  readonly programs?: readonly string[]
  /** Accounts of peers, by the plugin that is their link, and the address that they have. */
  readonly peers?: Readonly<Record<string, { readonly plugin: Plugin; readonly ilpAddress: string }>>
}

/** A node without balances: children that are programs, peers behind plugins, and a STREAM receiver, `<address>.shop`. */
export async function startNode(address: string, { programs = [], peers = {} }: NodeSettings) {
  const child = (name: string): A => testAccount(name, { ilpAddress: `${address}.${name}` })
  const shop = { address: `${address}.shop`, asset: child('shop').asset }
  const accounts = new Map<AccountId, A>()
  const table = createRoutingTable()
  const add = (account: A): A => {
    accounts.set(account.id, account)
    table.put(account.ilpAddress, account.id)
    return account
  }
  add(child('shop'))
  const ours = programs.map(name => servicePlugin({ account: add(child(name)), address: () => address }))
  const theirs = Object.entries(peers).map(([name, { plugin, ilpAddress }]) =>
    pluginLink({
      account: add(testAccount(name, { relation: 'peer', ilpAddress })),
      plugin,
      address: () => address,
    }),
  )
  const links = [...ours, ...theirs]
  const credentials = streamCredentials(Buffer.alloc(32, 7))
  let received = 0n
  const receiver = streamReceiver<OutgoingRequest<A>>({
    receiverOf: ({ prepare }) => (prepare.destination.startsWith(`${shop.address}.`) ? shop : undefined),
    credentials,
    onMoney: ({ amount }) => {
      received += amount
    },
    logger: silentLogger,
  })
  const outgoing = links
    .reduce((chain, { client }) => chain.use(client), stack<OutgoingRequest<A>>().use(receiver))
    .around({
      ready: () => Promise.resolve(),
      call: () => Promise.resolve(unreachable(address, 'no link')),
    })
  const chain = links
    .reduce((chain, { server }) => chain.use(server), stack<IncomingRequest<A>>())
    .use(ildcp<A>({ address: () => address, addressOf: ({ ilpAddress }) => ilpAddress }))
    .route(router<A>({ table, accounts, address: () => address }))
    .around(outgoing)
  onTestFinished(() => chain.stop())
  await chain.start()
  return {
    plugins: ours.map(({ plugin }) => plugin),
    credentials: () => credentials.issue(shop.address),
    received: () => received,
  }
}
