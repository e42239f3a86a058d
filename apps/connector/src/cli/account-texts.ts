import { assetName, money } from './amounts.js'
import type { ShownAccount } from './api-types.js'
import type { Style } from './style.js'
import { fields, tableOr } from './table.js'

export const accountTable = (accounts: readonly ShownAccount[], style: Style): string =>
  tableOr(
    'no accounts',
    [
      { title: 'username' },
      { title: 'relation' },
      { title: 'asset' },
      { title: 'ILP address' },
      { title: 'links' },
      { title: 'origin' },
      { title: 'state' },
    ],
    accounts.map(account => [
      account.username,
      account.relation,
      assetName(account.asset),
      account.ilpAddress ?? '',
      (['btp', 'http'] as const).filter(link => account[link]).join(' '),
      account.origin,
      account.isDisabled ? 'disabled' : 'enabled',
    ]),
    style,
  )

/** Settings that are amounts. */
const AMOUNTS =
  /^(minBalance|maxBalance|maxPacketAmount|settlement\.settle(Threshold|To)|.*\.amountPerMinute)$/

/** Each setting by its path, as `--set` takes it. */
export function accountDetails(account: ShownAccount): string {
  const { asset, ...rest } = account
  const lines = flattened(rest).map(
    ([name, value]) =>
      [name, AMOUNTS.test(name) ? `${money(String(value), asset)} (${value} units)` : String(value)] as const,
  )
  return fields([...lines.slice(0, 2), ['asset', assetName(asset)], ...lines.slice(2)])
}

function flattened(value: object, above = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const path = `${above}${name}`
    if (Array.isArray(inner)) {
      return inner.length === 0 ? [] : [[path, inner.map(one => JSON.stringify(one)).join(' ')]]
    }
    if (typeof inner === 'object' && inner !== null) return flattened(inner, `${path}.`)
    return [[path, inner]]
  })
}
