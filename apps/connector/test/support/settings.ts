import { ADMIN_TOKEN, tokenOf } from './face.js'

export type Settings = Readonly<Record<string, unknown>>

export const usd = { code: 'USD', scale: 9 }

/** Settings of a connector on free ports, with an admin listener. */
export const settings = (more: Settings): Settings => ({
  listen: '127.0.0.1:0',
  adminListen: '127.0.0.1:0',
  adminToken: ADMIN_TOKEN,
  secretSeed: '42'.repeat(32),
  ...more,
})

/** Settings of a child in USD of scale 9 that may owe a lot, and come over HTTP and BTP with its token. */
export const account = (username: string, more: Settings = {}): Settings => ({
  username,
  relation: 'child',
  asset: usd,
  minBalance: '-1000000000000',
  http: { incomingTokens: [tokenOf(username)] },
  btp: { incomingTokens: [tokenOf(username)] },
  ...more,
})

/** Settings of an account of the node's own. */
export const local = (username: string, more: Settings = {}): Settings =>
  account(username, { relation: 'local', minBalance: undefined, ...more })

/** The link of an account whose peer is dialled. */
export const dialled = (url: string, token: string): Settings => ({ outgoing: { url, token } })
