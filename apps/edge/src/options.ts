import { isAddress } from '@ilp/service-core'
import { z } from 'zod'

const U64_MAX = 2n ** 64n - 1n

const whole = z
  .string()
  .regex(/^-?(0|[1-9][0-9]{0,77})$/, 'expected a whole number in quotes, such as "-1000"')
  .transform(BigInt)
const amount = whole.refine(value => value >= 0n && value <= U64_MAX, `expected "0" to "${U64_MAX}"`)
const token = z.string().regex(/^[!-~]{1,1024}$/, 'expected visible ASCII characters, and no spaces')
const tokens = z.array(token).max(16).default([])
const outgoing = z.strictObject({ url: z.url({ protocol: /^https?$/ }), token: token.optional() })
const username = z
  .string()
  .regex(/^[A-Za-z0-9_~-]{1,64}$/, 'expected 1 to 64 letters, digits, "_", "~" or "-"')
  .refine(name => !['self', 'upstream'].includes(name), 'expected a name other than self and upstream')

/** What is taken of a customer, and how it is reached. */
const account = z.strictObject({
  username,
  incomingTokens: tokens,
  outgoing: outgoing.optional(),
  /** The balance that packets from it must not go below, and packets to it not above, in units. */
  minBalance: whole.default(0n),
  maxBalance: whole.optional(),
  maxPacketAmount: amount.optional(),
  rateLimit: z
    .strictObject({
      packetsPerMinute: z.int().min(0).optional(),
      amountPerMinute: whole.refine(value => value >= 0n, 'expected "0" or more').optional(),
    })
    .optional(),
})

const schema = z.strictObject({
  ilpAddress: z.string().refine(isAddress, 'expected an ILP address, such as test.alice.edge'),
  listen: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^:[\]]+):[0-9]{1,5}$/, 'expected HOST:PORT, such as 127.0.0.1:7780')
    .transform(text => {
      const colon = text.lastIndexOf(':')
      return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
    })
    .refine(({ port }) => port <= 65_535, 'expected a port of at most 65535'),
  asset: z.strictObject({ code: z.string().min(1).max(32), scale: z.int().min(0).max(255) }),
  secretSeed: z.string().regex(/^[0-9a-fA-F]{64}$/, 'expected 64 hexadecimal digits: openssl rand -hex 32'),
  /** A folder for the balances; without it, they end with the process. */
  dataDir: z.string().min(1).optional(),
  upstream: account.omit({ username: true, outgoing: true, rateLimit: true }).extend({ outgoing }),
  accounts: z
    .array(account)
    .refine(
      list => new Set(list.map(entry => entry.username)).size === list.length,
      'expected each username once',
    ),
})

/** The settings of an edge; see the README for each. */
export type EdgeOptions = z.output<typeof schema>

/** @throws Error with the path of each setting that is unknown or wrong */
export function checkOptions(settings: unknown): EdgeOptions {
  const { data, error } = schema.safeParse(settings)
  if (data) return data
  throw new Error(z.prettifyError(error))
}
