import { type AdminClient, segment } from './admin-client.js'
import { assetName } from './amounts.js'
import type { ShownAccount } from './api-types.js'
import { failed, wrongUsage } from './failure.js'

/** The local account of this name; without a name, the only one that there is. */
export async function localAccount(node: AdminClient, username: string | undefined): Promise<ShownAccount> {
  if (username !== undefined) return node.call('GET', `/accounts/${segment(username)}`)
  const found = await node.all<ShownAccount>('/accounts', { relation: 'local', isDisabled: 'false' })
  const [only, ...others] = found
  if (!only) {
    throw failed(
      'the node has no local account to pay from',
      'Make one: ilp-connector accounts create NAME --relation local --asset USD/9',
    )
  }
  if (others.length === 0) return only
  const names = found.map(account => `${account.username} (${assetName(account.asset)})`)
  throw wrongUsage(`the node has several local accounts: ${names.join(', ')}`, 'Name one with --account.')
}
