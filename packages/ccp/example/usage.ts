import { type CcpAccount, createCcp } from '@ilp/ccp'
import {
  type AccountId,
  accountId,
  type IncomingRequest,
  type Service,
  silentLogger,
  stack,
} from '@ilp/service-core'
import { fulfillingService } from '@ilp/service-testing'

const unchanging = { watch: () => () => {} }

/** A node with one peer. Its accounts, address and routes never change here; in a connector, stores tell of changes. */
function node(address: string, peer: string, outgoing: Pick<Service<IncomingRequest<CcpAccount>>, 'call'>) {
  const table = new Map<string, AccountId>()
  const ccp = createCcp<CcpAccount>({
    outgoing,
    ownAccount: () => ({ id: accountId('self'), relation: 'local' }),
    accounts: { all: () => [{ id: accountId(peer), relation: 'peer' }], ...unchanging },
    addressOf: () => undefined,
    address: { get: () => address, ...unchanging },
    staticRoutes: { all: () => [], ...unchanging },
    table: { put: (prefix, account) => table.set(prefix, account), remove: prefix => table.delete(prefix) },
    secret: new Uint8Array(32),
    logger: silentLogger,
  })
  const chain = stack<IncomingRequest<CcpAccount>>().use(ccp.middleware).around(fulfillingService())
  return { table, chain }
}

/** Starts two peers, and returns where each sends packets for the other's address as soon as both know. */
export async function exchangeRoutes(): Promise<(AccountId | undefined)[]> {
  const alice = node('test.alice', 'bob', {
    call: ({ prepare }) => bob.chain.call({ from: { id: accountId('alice'), relation: 'peer' }, prepare }),
  })
  const bob = node('test.bob', 'alice', {
    call: ({ prepare }) => alice.chain.call({ from: { id: accountId('bob'), relation: 'peer' }, prepare }),
  })
  await bob.chain.start()
  await alice.chain.start()
  while (alice.table.size + bob.table.size < 2) await new Promise(resolve => setTimeout(resolve, 10))
  await alice.chain.stop()
  await bob.chain.stop()
  return [alice.table.get('test.bob'), bob.table.get('test.alice')]
}
