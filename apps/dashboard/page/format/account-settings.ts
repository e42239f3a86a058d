/** An account's settings as a form holds them, and as the API takes them. */
import type { Faults, FieldPaths } from '../api/problem.js'
import type { Account, Asset } from '../api/types.js'
import { parseAmount, writtenAmount } from './amount.js'

/** What is written in the fields: amounts as decimals of the asset. */
export interface AccountForm {
  readonly username: string
  readonly relation: Account['relation']
  readonly code: string
  readonly scale: string
  readonly ilpAddress: string
  readonly minBalance: string
  readonly maxBalance: string
  readonly maxPacketAmount: string
  readonly packetsPerMinute: string
  readonly amountPerMinute: string
  readonly btpToken: string
  readonly btpUrl: string
  readonly btpOutgoingToken: string
  readonly httpToken: string
  readonly httpUrl: string
  readonly httpOutgoingToken: string
  readonly engineUrl: string
  readonly settleThreshold: string
  readonly settleTo: string
}

export type FieldName = keyof AccountForm
export type Settings = Readonly<Record<string, unknown>>

export const EMPTY_FORM: AccountForm = {
  username: '',
  relation: 'child',
  code: 'USD',
  scale: '9',
  ilpAddress: '',
  minBalance: '',
  maxBalance: '',
  maxPacketAmount: '',
  packetsPerMinute: '',
  amountPerMinute: '',
  btpToken: '',
  btpUrl: '',
  btpOutgoingToken: '',
  httpToken: '',
  httpUrl: '',
  httpOutgoingToken: '',
  engineUrl: '',
  settleThreshold: '',
  settleTo: '',
}

/** Where the API has them. */
export const FIELD_PATHS: FieldPaths<FieldName> = {
  username: 'username',
  relation: 'relation',
  'asset.code': 'code',
  'asset.scale': 'scale',
  ilpAddress: 'ilpAddress',
  minBalance: 'minBalance',
  maxBalance: 'maxBalance',
  maxPacketAmount: 'maxPacketAmount',
  'rateLimit.packetsPerMinute': 'packetsPerMinute',
  'rateLimit.amountPerMinute': 'amountPerMinute',
  'btp.incomingTokens': 'btpToken',
  'btp.outgoing.url': 'btpUrl',
  'btp.outgoing.token': 'btpOutgoingToken',
  'http.incomingTokens': 'httpToken',
  'http.outgoing.url': 'httpUrl',
  'http.outgoing.token': 'httpOutgoingToken',
  'settlement.engineUrl': 'engineUrl',
  'settlement.settleThreshold': 'settleThreshold',
  'settlement.settleTo': 'settleTo',
}

/** What an account's form has in it before anybody writes. Tokens are not told. */
export function formOf(account: Account): AccountForm {
  const { asset, rateLimit, http, btp, settlement } = account
  const written = (units: string | undefined) => (units === undefined ? '' : writtenAmount(units, asset))
  return {
    ...EMPTY_FORM,
    username: account.username,
    relation: account.relation,
    code: asset.code,
    scale: String(asset.scale),
    ilpAddress: account.ilpAddress ?? '',
    minBalance: written(account.minBalance),
    maxBalance: written(account.maxBalance),
    maxPacketAmount: written(account.maxPacketAmount),
    packetsPerMinute: rateLimit?.packetsPerMinute?.toString() ?? '',
    amountPerMinute: written(rateLimit?.amountPerMinute),
    btpUrl: btp?.outgoing?.url ?? '',
    httpUrl: http?.outgoing?.url ?? '',
    engineUrl: settlement?.engineUrl ?? '',
    settleThreshold: written(settlement?.settleThreshold),
    settleTo: settlement ? written(settlement.settleTo) : '',
  }
}

/** The settings that a form says, or what is wrong with which field. Settings that it leaves empty are undefined. */
export function settingsOf(form: AccountForm): {
  readonly settings: Settings
  readonly faults: Faults<FieldName>
} {
  const faults: Partial<Record<FieldName, string>> = {}
  const whole = (name: FieldName, max: number): number | undefined => {
    const text = form[name].trim()
    if (text === '') return undefined
    const value = Number(text)
    if (/^\d+$/.test(text) && value <= max) return value
    faults[name] = `Write a whole number, ${max.toLocaleString('en')} at the most`
    return undefined
  }
  const asset: Asset = { code: form.code.trim(), scale: whole('scale', 255) ?? 0 }
  const amount = (name: FieldName): string | undefined => {
    if (form[name].trim() === '') return undefined
    try {
      return parseAmount(form[name], asset).toString()
    } catch (error) {
      faults[name] = (error as RangeError).message
      return undefined
    }
  }
  if (!/^[A-Za-z0-9_~-]{1,64}$/.test(form.username)) {
    faults.username = 'Write 1 to 64 letters, digits, “_”, “~” or “-”'
  }
  if (asset.code === '') faults.code = 'Write a code, such as USD'
  if (form.scale.trim() === '') faults.scale = 'Write a whole number, such as 9'
  const needsAddress = form.relation === 'peer' || form.relation === 'parent'
  if (needsAddress && form.ilpAddress.trim() === '')
    faults.ilpAddress = `The ILP address of the ${form.relation}`
  const rateLimit = {
    packetsPerMinute: whole('packetsPerMinute', Number.MAX_SAFE_INTEGER),
    amountPerMinute: amount('amountPerMinute'),
  }
  const settings = {
    username: form.username,
    relation: form.relation,
    asset,
    ilpAddress: form.ilpAddress.trim() || undefined,
    minBalance: amount('minBalance'),
    maxBalance: amount('maxBalance'),
    maxPacketAmount: amount('maxPacketAmount'),
    rateLimit: Object.values(rateLimit).some(value => value !== undefined) ? rateLimit : undefined,
    btp: linkOf(form.btpToken, form.btpUrl, form.btpOutgoingToken),
    http: linkOf(form.httpToken, form.httpUrl, form.httpOutgoingToken),
    settlement:
      form.engineUrl.trim() === ''
        ? undefined
        : {
            engineUrl: form.engineUrl.trim(),
            settleThreshold: amount('settleThreshold'),
            settleTo: amount('settleTo') ?? '0',
          },
  }
  return { settings, faults }
}

/** A link: tokens that are left empty are not said. */
function linkOf(incoming: string, url: string, token: string): Settings | undefined {
  const outgoing = url.trim() === '' ? undefined : { url: url.trim(), ...(token === '' ? {} : { token }) }
  if (incoming === '' && !outgoing) return undefined
  return { ...(incoming === '' ? {} : { incomingTokens: [incoming] }), ...(outgoing ? { outgoing } : {}) }
}

const NEVER_CHANGE = new Set(['username', 'asset'])

/** What of an account the form has changed, as the API takes changes: each setting as a whole, null for one that goes. */
export function changesOf(account: Account, form: AccountForm): Settings {
  const before = settingsOf(formOf(account)).settings
  const after = settingsOf(form).settings
  const changes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(after)) {
    if (NEVER_CHANGE.has(name) || JSON.stringify(value) === JSON.stringify(before[name])) continue
    const isLink = name === 'btp' || name === 'http'
    // A link without a URL may still be one that the peer comes by.
    changes[name] = isLink
      ? linkChange(account[name], value as Settings | undefined)
      : wholeSetting(account, name, value)
  }
  return changes
}

/** What else the account's link has, which this form doesn't show, stays. */
function linkChange(link: Account['btp'], { outgoing, ...rest }: Settings = {}): Settings {
  const { outgoing: former, ...kept } = (link ?? {}) as Settings
  return {
    ...kept,
    ...rest,
    ...(outgoing ? { outgoing: { ...(former as object), ...(outgoing as object) } } : {}),
  }
}

/** The settlement's interval is not in the form either. */
const wholeSetting = (account: Account, name: string, value: unknown): unknown =>
  name === 'settlement' && value ? { ...account.settlement, ...(value as object) } : (value ?? null)
