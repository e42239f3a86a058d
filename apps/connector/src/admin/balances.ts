import type { Balance } from '@ilp/store-traits'
import { z } from 'zod'
import type { ConnectorAccount } from '../account.js'
import { accountOf } from './account-of.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { asset, PAGED, page, pageQuery, units } from './values.js'

const balanceSchema = z.strictObject({ balance: units, heldOut: units, heldIn: units, asset })
const positionSchema = z.strictObject({ asset, balance: units, settled: units, adjusted: units })

export type ShownPosition = z.infer<typeof positionSchema>

export const shownBalance = (
  { asset }: Pick<ConnectorAccount, 'asset'>,
  { balance, heldOut, heldIn }: Balance,
) => ({
  balance: balance.toString(),
  heldOut: heldOut.toString(),
  heldIn: heldIn.toString(),
  asset,
})

/** Reads of the store at a time. */
const READS_MAX = 8

export const balanceEndpoints = ({ store }: Pick<AdminDeps, 'store'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/accounts/{username}/balance',
    summary: 'What this node owes the account, and what packets in flight hold, read from the store',
    answers: { 200: { description: "in the account's unit", schema: balanceSchema } },
    problems: [404],
    handle: async ({ params }) => {
      const account = accountOf(store, params)
      return { status: 200, body: shownBalance(account, await store.ledger.readBalance(account.id)) }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/balances',
    summary: 'The same of all accounts, by username',
    query: z.strictObject(pageQuery),
    answers: {
      200: { description: PAGED, schema: z.array(balanceSchema.extend({ account: z.string() })) },
    },
    handle: async ({ query }) => {
      const { entries, headers } = page('/balances', store.accounts.all(), ({ username }) => username, query)
      const body: object[] = []
      for (let at = 0; at < entries.length; at += READS_MAX) {
        const read = entries.slice(at, at + READS_MAX).map(async account => {
          const books = await store.ledger.readBalance(account.id)
          return { account: account.username, ...shownBalance(account, books) }
        })
        body.push(...(await Promise.all(read)))
      }
      return { status: 200, body, headers }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/positions',
    summary: "The node's own positions, the counterparts of all balances of an asset and scale",
    answers: { 200: { description: 'by asset and scale', schema: z.array(positionSchema) } },
    handle: async () => ({
      status: 200,
      body: (await store.ledger.readPositions()).map(({ asset, balance, settled, adjusted }) => ({
        asset,
        balance: balance.toString(),
        settled: settled.toString(),
        adjusted: adjusted.toString(),
      })),
    }),
  }),
]
