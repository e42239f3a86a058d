import { z } from 'zod'
import type { ConnectorAccount } from '../account.js'
import { accountSettings } from '../config/schema.js'

const link = z.strictObject({ outgoing: z.strictObject({ url: z.string() }).optional() }).optional()
const httpLink = accountSettings.shape.http
  .unwrap()
  .omit({ incomingTokens: true })
  .extend({ outgoing: z.strictObject({ url: z.string(), mode: z.string().optional() }).optional() })
  .optional()

/** An account as the API shows it: its settings, as the configuration file has them, but no tokens. */
export const shownAccountSchema = accountSettings
  .extend({
    id: z.string(),
    /** Accounts of the configuration file can't be changed here. */
    origin: z.enum(['file', 'api']),
    isDisabled: z.boolean(),
    http: httpLink,
    btp: link,
  })
  .meta({ description: 'an account: its settings as in the configuration file, without tokens' })

type ShownAccount = z.input<typeof shownAccountSchema>

/** The settings that an account was made of, but for its tokens, which nothing shows. */
export function shownAccount(account: ConnectorAccount): ShownAccount {
  const { minBalance, maxBalance, maxPacketAmount, rateLimit, outgoingRateLimit, settlement } = account
  const { http, btp, origin = 'file', isDisabled = false } = account
  return {
    username: account.username,
    id: account.id,
    origin,
    isDisabled,
    relation: account.relation,
    ilpAddress: account.ilpAddress,
    asset: account.asset,
    minBalance: minBalance?.toString(),
    maxBalance: maxBalance?.toString(),
    maxPacketAmount: maxPacketAmount?.toString(),
    rateLimit: rateLimit && shownLimit(rateLimit),
    outgoingRateLimit: outgoingRateLimit && shownLimit(outgoingRateLimit),
    sendRoutes: account.sendRoutes,
    receiveRoutes: account.receiveRoutes,
    http: http && shownHttp(http),
    btp: btp && { outgoing: shownUrl(btp) },
    settlement: settlement && {
      engineUrl: settlement.engineUrl,
      settleThreshold: settlement.settleThreshold?.toString(),
      settleTo: settlement.settleTo?.toString(),
      settleIntervalMs: settlement.settleIntervalMs,
    },
  }
}

const shownLimit = ({ packetsPerMinute, amountPerMinute }: NonNullable<ConnectorAccount['rateLimit']>) => ({
  packetsPerMinute,
  amountPerMinute: amountPerMinute?.toString(),
})

const shownHttp = (http: NonNullable<ConnectorAccount['http']>) => ({
  incomingCertificates: http.incomingCertificates && [...http.incomingCertificates],
  callbackUrl: http.callbackUrl,
  outgoing: http.outgoingUrl === undefined ? undefined : { url: http.outgoingUrl, mode: http.mode },
})

const shownUrl = ({ outgoingUrl }: { readonly outgoingUrl?: string | undefined }) =>
  outgoingUrl === undefined ? undefined : { url: outgoingUrl }

/** What a change may say: any setting but those that never change; null takes it away. */
export const accountChangeSchema = z
  .strictObject({
    isDisabled: z.boolean().optional(),
    ...(Object.fromEntries(
      Object.entries(accountSettings.omit({ username: true, id: true, asset: true }).shape).map(
        ([name, schema]) => [name, (schema as z.ZodType).nullable().optional()],
      ),
    ) as Record<string, z.ZodType>),
  })
  .meta({
    description: 'the settings that change, each as a whole; null takes one away; tokens not given stay',
  })
