import { PING_DEFAULTS, PingError } from '@ilp/ping'
import { isAddress } from '@ilp/service-core'
import { z } from 'zod'
import type { ConnectorAccount } from '../account.js'
import { accountOf } from './account-of.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { Problem } from './problem.js'
import { units } from './values.js'

const U64_MAX = 2n ** 64n - 1n

const METHODS = ['echo', 'probe'] as const

const pingSchema = z.strictObject({
  destination: z.string().refine(isAddress, 'expected an ILP address, such as test.alice'),
  account: z.string().optional().meta({
    description: 'the local account that the packet comes from; unless given, any one, or the node itself',
  }),
  method: z.enum(METHODS).default('echo').meta({
    description: 'an echo comes back, to a local account; of a probe, nobody can fulfill the packet',
  }),
  amount: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,19})$/, 'expected a whole number in quotes')
    .prefault('0')
    .transform(BigInt)
    .refine(value => value <= U64_MAX, `expected at most ${U64_MAX}`),
  timeoutMs: z.int().min(1).max(30_000).default(PING_DEFAULTS.timeoutMs),
})

const pongSchema = z.strictObject({
  destination: z.string(),
  account: z.string().nullable().meta({ description: 'null for the node itself, which only probes' }),
  method: z.enum(METHODS),
  isReached: z
    .boolean()
    .meta({ description: 'whether the packet got there: it was echoed, or rejected there or below' }),
  roundTripMs: z.number().min(0),
  returned: units.nullable().meta({ description: "what came back with an echo, in the account's unit" }),
  reject: z.strictObject({ code: z.string(), triggeredBy: z.string(), message: z.string() }).nullable(),
})

export type ShownPong = z.input<typeof pongSchema>

export const pingEndpoints = ({ store, pings }: Pick<AdminDeps, 'store' | 'pings'>): readonly Endpoint[] => [
  endpoint({
    method: 'POST',
    path: '/ping',
    summary: 'Sends one packet to an ILP address, and says how far it came and how long the answer took',
    body: pingSchema,
    answers: { 200: { description: 'what came of it', schema: pongSchema } },
    problems: [404, 409, 429],
    handle: async ({ body: { destination, account: username, method: asked, amount, timeoutMs } }) => {
      const from = senderOf(username, store)
      const method = from ? asked : 'probe'
      if (!from && amount > 0n) throw new Problem(409, 'only local accounts can send an amount')
      const options = { units: amount, timeoutMs }
      const sent =
        from && method === 'echo'
          ? pings.echo(from, destination, options)
          : pings.probe(from, destination, options)
      const { isReached, roundTripMs, returned, reject } = await sent.catch(explained)
      return {
        status: 200,
        body: {
          destination,
          account: from?.username ?? null,
          method,
          isReached,
          roundTripMs,
          returned: returned?.toString() ?? null,
          reject: reject ?? null,
        } satisfies z.input<typeof pongSchema>,
      }
    },
  }),
]

/** @throws Problem 404; 409 for an account that can't send */
function senderOf(
  username: string | undefined,
  store: Pick<AdminDeps['store'], 'accounts'>,
): ConnectorAccount | undefined {
  if (username === undefined) {
    return store.accounts.all().find(({ relation, isDisabled }) => relation === 'local' && !isDisabled)
  }
  const account = accountOf(store, { username })
  if (account.relation !== 'local') throw new Problem(409, 'only local accounts ping from here')
  if (account.isDisabled) throw new Problem(409, 'the account is disabled')
  return account
}

/** @throws Problem for what can't be sent */
function explained(error: unknown): never {
  if (!(error instanceof PingError)) throw error
  throw new Problem(error.code === 'ERR_PING_TOO_MANY' ? 429 : 409, error.message)
}
