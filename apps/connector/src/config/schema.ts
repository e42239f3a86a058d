import { isAccountId, isAddress, isAddressPrefix } from '@ilp/service-core'
import { z } from 'zod'
import { exchangeRates } from './exchange-rates.js'
import { httpFaults, httpLink, httpLinkInFile } from './http-link.js'
import { alerts, telemetry, webhooks } from './operations.js'
import { milliseconds, url } from './values.js'

const U64_MAX = 2n ** 64n - 1n

const address = z.string().refine(isAddress, 'expected an ILP address, such as test.alice')
const addressPrefix = z
  .string()
  .refine(
    text => text === '' || isAddressPrefix(text),
    'expected the beginning of ILP addresses, such as test.carol',
  )
const username = z
  .string()
  .regex(
    /^[A-Za-z0-9_~-]{1,64}$/,
    'expected 1 to 64 letters, digits, "_", "~" or "-": it becomes part of addresses',
  )
const token = z.string().min(1).max(1_024)
/** A token that stands in an Authorization header. */
const bearerToken = token.regex(/^[!-~]*$/, 'expected visible ASCII characters, and no spaces')

/** A whole number in a string, since YAML's and JSON's numbers are not exact. */
const integer = z
  .string()
  .regex(/^-?(0|[1-9][0-9]{0,77})$/, 'expected a whole number in quotes, such as "-1000"')
  .transform(BigInt)
const amount = integer.refine(
  value => value >= 0n && value <= U64_MAX,
  'expected "0" to "18446744073709551615"',
)

/** What may come from an account, or go to it. More than one packet can carry passes in a minute. */
const rateLimit = z
  .strictObject({
    packetsPerMinute: z.int().min(0).optional(),
    amountPerMinute: integer.refine(value => value >= 0n, 'expected "0" or more').optional(),
  })
  .optional()

const hostAndPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:[\]]+):[0-9]{1,5}$/, 'expected HOST:PORT, such as 127.0.0.1:7770')
  .transform((text, context) => {
    const colon = text.lastIndexOf(':')
    const port = Number(text.slice(colon + 1))
    if (port > 65_535) context.addIssue({ code: 'custom', message: 'expected a port of at most 65535' })
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port }
  })

const link = (schemes: readonly string[], secret: typeof token) =>
  z.strictObject({
    incomingTokens: z.array(secret).max(16).default([]),
    outgoing: z.strictObject({ url: url(schemes), token: secret.optional() }).optional(),
  })

/** An account, as the file and the admin API write it. */
export const accountSettings = z.strictObject({
  username,
  id: z.string().refine(isAccountId, 'expected 1 to 128 URL-safe characters').optional(),
  relation: z.enum(['parent', 'peer', 'child', 'local']),
  ilpAddress: address.optional(),
  asset: z.strictObject({ code: z.string().min(1).max(32), scale: z.int().min(0).max(255) }),
  minBalance: integer.optional(),
  maxBalance: integer.optional(),
  maxPacketAmount: amount.optional(),
  rateLimit,
  outgoingRateLimit: rateLimit,
  sendRoutes: z.boolean().optional(),
  receiveRoutes: z.boolean().optional(),
  http: httpLink(bearerToken).optional(),
  btp: link(['ws', 'wss', 'btp+ws', 'btp+wss'], token).optional(),
  settlement: z
    .strictObject({
      engineUrl: url(['http', 'https']),
      settleThreshold: integer.optional(),
      settleTo: integer.prefault('0'),
      settleIntervalMs: z
        .int()
        .min(1)
        .max(2 ** 31 - 1)
        .optional(),
    })
    .optional(),
})

const accountInFile = accountSettings.extend({ http: httpLinkInFile(bearerToken).optional() })

const seed = z.string().regex(/^[0-9a-fA-F]{64}$/, 'expected 64 hexadecimal digits: openssl rand -hex 32')

/** The settings of the connector, as a file or the environment gives them. Unknown ones are refused. */
export const configSchema = z
  .strictObject({
    ilpAddress: address.optional(),
    listen: hostAndPort.prefault('127.0.0.1:7770'),
    tls: z.strictObject({ cert: z.string(), key: z.string(), clientCa: z.string().optional() }).optional(),
    outgoingTls: z
      .strictObject({ ca: z.string().optional(), cert: z.string().optional(), key: z.string().optional() })
      .optional(),
    callbackUrl: url(['http', 'https']).optional(),
    settlementListen: hostAndPort.optional(),
    settlementToken: bearerToken.optional(),
    adminListen: hostAndPort.optional(),
    adminToken: bearerToken.optional(),
    secretSeed: seed,
    /** What `secretSeed` was before: what the store holds under them stays readable. */
    formerSecretSeeds: z.array(seed).max(16).default([]),
    store: z
      .string()
      .regex(
        /^(memory:|lmdb:.+|rediss?:\/\/.+|postgres(ql)?:\/\/.+)$/,
        'expected memory:, lmdb: and a folder, or a URL that begins with redis:// or postgres://',
      )
      .refine(text => !text.includes('//') || URL.canParse(text), 'expected a URL of a server')
      .default('memory:'),
    journalDir: z.string().min(1).optional(),
    allowVolatileSettlement: z.boolean().default(false),
    defaultReceiver: username.optional(),
    payments: z
      .strictObject({
        allowHttp: z.boolean().default(false),
        allowPrivateAddresses: z.boolean().default(false),
      })
      .prefault({}),
    routeBroadcastIntervalMs: milliseconds.default(30_000),
    expiry: z
      .strictObject({
        minMessageWindowMs: milliseconds.default(1_000),
        maxHoldMs: milliseconds.default(30_000),
      })
      .prefault({}),
    leaseMs: milliseconds.min(100).default(5_000),
    inFlightMax: z.int().min(1).max(1_000_000).default(10_000),
    exchangeRates: exchangeRates.optional(),
    telemetry,
    alerts,
    webhooks,
    logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    accounts: z.array(accountInFile).default([]),
    routes: z.array(z.strictObject({ prefix: addressPrefix, account: username })).default([]),
  })
  .superRefine((config, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    const unique = (list: 'accounts' | 'routes', key: string, values: readonly string[]) => {
      const seen = new Map<string, number>()
      values.forEach((value, index) => {
        const first = seen.get(value)
        if (first !== undefined) refuse([list, index, key], `${list}[${first}] has this ${key} already`)
        seen.set(value, index)
      })
    }
    const { accounts, routes } = config
    unique(
      'accounts',
      'username',
      accounts.map(({ username }) => username),
    )
    unique(
      'accounts',
      'id',
      accounts.map(({ username, id = username }) => id),
    )
    unique(
      'routes',
      'prefix',
      routes.map(({ prefix }) => prefix),
    )

    const owners = new Map<string, number>()
    config.accounts.forEach((entry, index) => {
      for (const kind of ['http', 'btp'] as const) {
        for (const incoming of entry[kind]?.incomingTokens ?? []) {
          const owner = owners.get(incoming)
          if (owner !== undefined && owner !== index) {
            refuse(
              ['accounts', index, kind, 'incomingTokens'],
              `accounts[${owner}] has one of these tokens already`,
            )
          }
          owners.set(incoming, index)
        }
      }
      for (const { path, message } of accountFaults(entry)) refuse(['accounts', index, ...path], message)
    })

    for (const { path, message } of httpFaults(config)) refuse(path, message)

    const usernames = new Set(config.accounts.map(entry => entry.username))
    config.routes.forEach((route, index) => {
      if (!usernames.has(route.account))
        refuse(['routes', index, 'account'], 'expected the username of an account')
    })
    const receiver = config.accounts.find(entry => entry.username === config.defaultReceiver)
    if (config.defaultReceiver !== undefined && receiver?.relation !== 'local') {
      refuse(['defaultReceiver'], 'expected the username of a local account')
    }
    const parents = config.accounts.filter(entry => entry.relation === 'parent')
    if (parents.length > 1) refuse(['accounts'], 'expected at most one parent')
    if (config.ilpAddress === undefined && parents.length === 0) {
      refuse(['ilpAddress'], 'expected an ILP address, or a parent account to learn it from')
    }
    if (config.adminListen !== undefined && config.adminToken === undefined) {
      refuse(['adminToken'], 'expected a token, since adminListen is set')
    }
  })

export type Config = z.output<typeof configSchema>
export type AccountConfig = z.output<typeof accountSettings>

/** The balance that packets from the account must not go below, also where the configuration says nothing of it. */
export const minBalanceOf = ({ minBalance, relation }: Pick<AccountConfig, 'minBalance' | 'relation'>) =>
  minBalance ?? (relation === 'local' ? undefined : 0n)

/** What of an account's settings doesn't go together, each part being as it should. */
export function accountFaults(
  entry: AccountConfig,
): readonly { readonly path: readonly string[]; readonly message: string }[] {
  const { minBalance, maxBalance, settlement } = entry
  const found: { path: string[]; message: string }[] = []
  if (minBalance !== undefined && maxBalance !== undefined && minBalance > maxBalance) {
    found.push({ path: ['minBalance'], message: 'expected at most maxBalance' })
  }
  if (!settlement) return found
  const { settleThreshold, settleTo } = settlement
  const lowest = minBalanceOf(entry)
  if (lowest !== undefined && settleTo < lowest) {
    found.push({ path: ['settlement', 'settleTo'], message: `expected at least minBalance, "${lowest}"` })
  }
  if (settleThreshold !== undefined && settleThreshold < settleTo) {
    found.push({ path: ['settlement', 'settleThreshold'], message: 'expected at least settleTo' })
  }
  return found
}
