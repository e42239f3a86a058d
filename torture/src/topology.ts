import type { Asset } from '@ilp/service-core'

/**
 * Connectors in a row. The load runs over lanes side by side: a lane has a sender, accounts of its own at every node,
 * and a receiver, so that the books tell single packets apart.
 */
export const LANES = 6

/** How many packets of a lane are under way at a time. */
export const WINDOW = 3

const SENDER_ASSET: Asset = { code: 'USD', scale: 9 }
const LINK_ASSETS: readonly Asset[] = [
  { code: 'EUR', scale: 9 },
  { code: 'XRP', scale: 9 },
]
const RECEIVER_ASSET: Asset = { code: 'USD', scale: 8 }

export const LEASE_MS = 300
export const HOLD_MS_MAX = 1_000
const WINDOW_MS = 200
/** When nothing is left of a process that died: its lease, its longest hold, and the time for the way back are over. */
export const FORGOTTEN_MS = LEASE_MS + HOLD_MS_MAX + WINDOW_MS

export const ADMIN_TOKEN = 'admin'
const RATES = { USD: '1', EUR: '1.08', XRP: '0.5237' }
const SPREAD = '0.002'
/** As good as none. */
const NO_MINIMUM = String(-(10n ** 70n))

export interface LaneAccounts {
  /** Where packets of the lane come from. */
  readonly from: string
  /** Where they go. */
  readonly to: string
}

/** The usernames of a lane's accounts at each node of the row. */
export const laneAccounts = (nodes: number, node: number, lane: number): LaneAccounts => ({
  from: `${node === 0 ? 'sender' : 'previous'}${lane}`,
  to: `${node === nodes - 1 ? 'receiver' : 'next'}${lane}`,
})

/** How the money on a link is counted: link 0 is the sender's, the last one the receiver's. */
export function assetOf(nodes: number, link: number): Asset {
  if (link === 0) return SENDER_ASSET
  return link === nodes ? RECEIVER_ASSET : (LINK_ASSETS[link - 1] as Asset)
}

export const destinationOf = (nodes: number, lane: number): string => `test.n${nodes}.receiver${lane}`
export const tokenOf = (node: number, username: string): string => `token-${node}-${username}`

/** What a packet of so many units is on each link, worked out with exact numbers. */
export function amountsOf(nodes: number, units: bigint): readonly bigint[] {
  const amounts = [units]
  for (let node = 0; node < nodes; node++) {
    amounts.push(exchanged(amounts[node] as bigint, assetOf(nodes, node), assetOf(nodes, node + 1)))
  }
  return amounts
}

function exchanged(units: bigint, from: Asset, to: Asset): bigint {
  const [fromPrice, fromDigits] = decimal(RATES[from.code as keyof typeof RATES])
  const [toPrice, toDigits] = decimal(RATES[to.code as keyof typeof RATES])
  const [spread, spreadDigits] = decimal(SPREAD)
  const whole = 10n ** spreadDigits
  const numerator = units * fromPrice * 10n ** toDigits * (whole - spread) * 10n ** BigInt(to.scale)
  return numerator / (toPrice * 10n ** fromDigits * whole * 10n ** BigInt(from.scale))
}

function decimal(text: string): [digits: bigint, places: bigint] {
  const [whole = '', fraction = ''] = text.split('.')
  return [BigInt(whole + fraction), BigInt(fraction.length)]
}

/** Where a process of another node takes connections. */
export type Neighbour = (node: number, lane: number) => string

export interface NodePlace {
  readonly nodes: number
  readonly node: number
  /** What the configuration says for `store`. */
  readonly store: string
  readonly journalDir: string
  readonly neighbour: Neighbour
}

/** The configuration of a process. All processes of a node have the same one, but for their journals. */
export function configOf({ nodes, node, store, journalDir, neighbour }: NodePlace): object {
  const lanes = Array.from({ length: LANES }, (_, lane) => lane)
  return {
    ilpAddress: `test.n${node + 1}`,
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    adminToken: ADMIN_TOKEN,
    secretSeed: '42'.repeat(32),
    store,
    journalDir,
    leaseMs: LEASE_MS,
    expiry: { minMessageWindowMs: WINDOW_MS, maxHoldMs: HOLD_MS_MAX },
    exchangeRates: { provider: 'static', rates: RATES, spread: SPREAD },
    accounts: lanes.flatMap(lane => {
      const { from, to } = laneAccounts(nodes, node, lane)
      const side = (username: string, link: number, other: number) => ({
        username,
        asset: assetOf(nodes, link),
        minBalance: NO_MINIMUM,
        ...(other < 0 || other === nodes
          ? { relation: 'child', btp: { incomingTokens: [tokenOf(node, username)] } }
          : between(node, other, username, lane, neighbour)),
      })
      return [side(from, node, node - 1), side(to, node + 1, node + 1)]
    }),
    routes:
      node === nodes - 1
        ? []
        : lanes.map(lane => ({
            prefix: destinationOf(nodes, lane),
            account: laneAccounts(nodes, node, lane).to,
          })),
  }
}

/**
 * The account of a neighbour. Every other lane is HTTP; on the others both sides dial, so that a restart of either
 * brings the link back.
 */
function between(node: number, other: number, username: string, lane: number, neighbour: Neighbour): object {
  const name = other < node ? 'next' : 'previous'
  const token = tokenOf(other, `${name}${lane}`)
  const [kind, scheme, path] = lane % 2 === 0 ? ['btp', 'ws', '/btp'] : ['http', 'http', '/ilp']
  return {
    relation: 'peer',
    ilpAddress: `test.n${other + 1}.lane${lane}`,
    [kind as string]: {
      incomingTokens: [tokenOf(node, username)],
      outgoing: { url: `${scheme}://${neighbour(other, lane)}${path}`, token },
    },
  }
}
