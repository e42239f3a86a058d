/** One node, whose peers are played with the codec of npm's `ilp-protocol-ccp`. */
import {
  type AccountId,
  accountId,
  type IncomingRequest,
  isFulfill,
  type OutgoingRequest,
  Prepare,
  type Relation,
  type Reply,
} from '@ilp/service-core'
import { recordingLogger, scriptedService, testFulfill } from '@ilp/service-testing'
import {
  type CcpRoute,
  type CcpRouteControlRequest,
  type CcpRouteUpdateRequest,
  deserializeCcpRouteControlRequest,
  deserializeCcpRouteUpdateRequest,
  Mode,
  serializeCcpRouteControlRequest,
  serializeCcpRouteUpdateRequest,
} from 'ilp-protocol-ccp'
import { vi } from 'vitest'
import { type CcpAccount, type CcpOptions, createCcp } from '../src/index.js'

export const INTERVAL_MS = 30_000
const NO_TABLE = '00000000-0000-0000-0000-000000000000'
export const TABLE = '70d1a134-a0df-4f47-964f-6e19e2ab3790'

export interface Played extends CcpAccount {
  readonly ilpAddress?: string
}

export const peer = (name: string, relation: Relation = 'peer', more: Partial<Played> = {}): Played => ({
  id: accountId(name),
  relation,
  ...more,
})

export const route = (prefix: string, path = ['test.bob'], auth = Buffer.alloc(32)): CcpRoute => ({
  prefix,
  path,
  auth,
  props: [],
})

/** A started node, `test.us`, with these accounts. */
export async function setUp(
  accounts: Played[],
  options: Partial<CcpOptions> = {},
  staticRoutes: [string, string][] = [],
) {
  /** What it has sent, as npm's codec reads it. */
  let sent: { to: AccountId; control?: CcpRouteControlRequest; update?: CcpRouteUpdateRequest }[] = []
  const answers = new Map<AccountId, () => Reply>()
  const changed: AccountId[] = []
  let accountsChanged = () => {}
  const table = new Map<string, AccountId>()
  const inner = scriptedService<IncomingRequest<Played>>()
  const logger = recordingLogger()
  const ccp = createCcp<Played>(
    {
      outgoing: {
        call: async ({ to, prepare }: OutgoingRequest<Played>) => {
          const bytes = prepare.toBuffer()
          if (prepare.destination === 'peer.route.control')
            sent.push({ to: to.id, control: deserializeCcpRouteControlRequest(bytes) })
          else sent.push({ to: to.id, update: deserializeCcpRouteUpdateRequest(bytes) })
          return answers.get(to.id)?.() ?? testFulfill({ fulfillment: Buffer.alloc(32) })
        },
      },
      ownAccount: () => peer('self', 'local'),
      accounts: {
        all: () => accounts,
        watch: listener => {
          accountsChanged = listener
          return () => {}
        },
      },
      address: { get: () => 'test.us', watch: () => () => {} },
      addressOf: ({ ilpAddress }) => ilpAddress,
      staticRoutes: {
        all: () => staticRoutes.map(([prefix, account]) => ({ prefix, account: accountId(account) })),
        watch: () => () => {},
      },
      table: { put: (prefix, account) => table.set(prefix, account), remove: prefix => table.delete(prefix) },
      secret: Buffer.alloc(32, 7),
      onPeerChanged: account => changed.push(account),
      logger,
    },
    options,
  )
  const service = ccp.middleware(inner)
  await service.start?.()
  await vi.advanceTimersByTimeAsync(0)

  let epoch = 0
  const call = (from: Played, bytes: Buffer) => service.call({ from, prepare: Prepare.decode(bytes) })
  return {
    ccp,
    service,
    inner,
    table,
    answers,
    logger,
    /** The peers that were said to be others than before. */
    changed,
    /** Puts an account in the place of the one of the same id. */
    putAccount: (account: Played) => {
      accounts[accounts.findIndex(({ id }) => id === account.id)] = account
      accountsChanged()
    },
    call,
    /** Tells routes, in the order of epochs unless others are given. */
    update: (from: Played, newRoutes: CcpRoute[], more: Partial<CcpRouteUpdateRequest> = {}) => {
      epoch += 1
      return call(
        from,
        serializeCcpRouteUpdateRequest({
          routingTableId: TABLE,
          currentEpochIndex: epoch,
          fromEpochIndex: epoch - 1,
          toEpochIndex: epoch,
          holdDownTime: 45_000,
          speaker: 'test.bob',
          newRoutes,
          withdrawnRoutes: [],
          ...more,
        }),
      )
    },
    control: (from: Played, more: Partial<CcpRouteControlRequest> = {}) =>
      call(
        from,
        serializeCcpRouteControlRequest({
          mode: Mode.MODE_SYNC,
          lastKnownRoutingTableId: NO_TABLE,
          lastKnownEpoch: 0,
          features: [],
          ...more,
        }),
      ),
    /** What it has sent to an account since the last time. */
    sentTo: ({ id }: Played) => {
      const found = sent.filter(({ to }) => to === id)
      sent = sent.filter(({ to }) => to !== id)
      return {
        controls: found.flatMap(({ control }) => control ?? []),
        updates: found.flatMap(({ update }) => update ?? []),
      }
    },
  }
}

export const code = (reply: Reply) => (isFulfill(reply) ? 'fulfilled' : reply.code)
export const bob = peer('bob')
export const carol = peer('carol')
