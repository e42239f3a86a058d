import { createBtpPlugin, type Plugin } from '@ilp/test-peers'
import { onTestFinished } from 'vitest'

export const ADMIN_TOKEN = 'token-of-the-operator'

export interface BalanceShown {
  readonly balance: bigint
  readonly heldOut: bigint
  readonly heldIn: bigint
}

/** What a connector shows to the outside, whether it runs in this process or in one of its own. */
export class Face {
  constructor(
    readonly url: string,
    readonly adminUrl: string,
  ) {}

  /** Where packets are posted: for an account by its name, or by its token alone. */
  ilpUrl(username?: string): string {
    return username === undefined ? `${this.url}/ilp` : `${this.url}/accounts/${username}/ilp`
  }

  btpUrl(username?: string): string {
    const url = this.url.replace(/^http/, 'ws')
    return username === undefined ? `${url}/btp` : `${url}/accounts/${username}/ilp/btp`
  }

  /** A GET from the admin listener, with the operator's token. */
  admin(path: string): Promise<Response> {
    return fetch(`${this.adminUrl}${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  }

  async balance(username: string): Promise<BalanceShown> {
    const shown = (await (await this.admin(`/accounts/${username}/balance`)).json()) as Record<string, string>
    const { balance, heldOut, heldIn } = shown as { balance: string; heldOut: string; heldIn: string }
    return { balance: BigInt(balance), heldOut: BigInt(heldOut), heldIn: BigInt(heldIn) }
  }

  /** The balance alone, of each of these accounts. */
  async balances<Name extends string>(...usernames: Name[]): Promise<Record<Name, bigint>> {
    const entries = usernames.map(async name => [name, (await this.balance(name)).balance] as const)
    return Object.fromEntries(await Promise.all(entries)) as Record<Name, bigint>
  }

  /** The node's own positions that are not zero, by scale and code. */
  async positions(): Promise<Record<string, bigint>> {
    const positions = (await (await this.admin('/positions')).json()) as {
      readonly asset: { readonly code: string; readonly scale: number }
      readonly balance: string
    }[]
    return Object.fromEntries(
      positions
        .filter(({ balance }) => balance !== '0')
        .map(({ asset, balance }) => [`${asset.code}/${asset.scale}`, BigInt(balance)]),
    )
  }

  /** npm's BTP client, connected as the peer of an account. */
  async plugin(username: string): Promise<Plugin> {
    const plugin = createBtpPlugin({ server: { url: this.btpUrl(username), token: tokenOf(username) } })
    onTestFinished(() => plugin.disconnect())
    await plugin.connect()
    return plugin
  }
}

/** The incoming token of an account that `account` makes. */
export const tokenOf = (username: string): string => `token-of-${username}`
