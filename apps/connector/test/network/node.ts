import type { Asset } from '@ilp/service-core'
import { expect } from 'vitest'
import { type RunningCommand, startCommand } from '../support/command.js'
import { eventually } from '../support/eventually.js'
import type { Settings } from '../support/settings.js'

/** A connector in a process of its own, and the accounts in its books. */
export interface Node {
  readonly face: RunningCommand
  readonly accounts: ReadonlyMap<string, Asset>
}

interface NodeSettings extends Settings {
  readonly accounts: readonly Settings[]
}

export async function startNode(more: NodeSettings): Promise<Node> {
  const face = await startCommand(more)
  const accounts = more.accounts.map(({ username, asset }) => [username as string, asset as Asset] as const)
  return { face, accounts: new Map(accounts) }
}

const nameOf = ({ code, scale }: Asset) => `${code}/${scale}`

/** What is wrong with a node's books: sums of an asset that are not zero, and accounts with holds. */
async function troubles({ face, accounts }: Node) {
  const sums = new Map<string, bigint>()
  const held: string[] = []
  const add = (asset: Asset, units: bigint) =>
    sums.set(nameOf(asset), (sums.get(nameOf(asset)) ?? 0n) + units)
  for (const [username, asset] of accounts) {
    const { balance, heldIn, heldOut } = await face.balance(username)
    add(asset, balance)
    if (heldIn !== 0n || heldOut !== 0n) held.push(username)
  }
  const positions = (await (await face.admin('/positions')).json()) as (Record<string, string> & {
    readonly asset: Asset
  })[]
  for (const { asset, balance, settled, adjusted } of positions) {
    for (const part of [balance, settled, adjusted]) add(asset, BigInt(part as string))
  }
  return { sums: [...sums].filter(([, sum]) => sum !== 0n), held }
}

/** As soon as nothing is in flight: in every node, all balances of an asset add up to zero, and nothing is held. */
export async function expectSoundBooks(...nodes: readonly Node[]): Promise<void> {
  for (const node of nodes) await eventually(() => troubles(node)).toEqual({ sums: [], held: [] })
}

/** Both ends of a link: the node, and the name of its account for the other. */
export type End = readonly [node: Node, account: string]

/** Both sides say the same of who owes whom, but for what the first side has not heard of. */
export async function expectAgreement(
  [one, accountOfOther]: End,
  [other, accountOfOne]: End,
  unheard = 0n,
): Promise<void> {
  const ours = (await one.face.balance(accountOfOther)).balance
  const theirs = (await other.face.balance(accountOfOne)).balance
  expect(ours + theirs, `${accountOfOther} and ${accountOfOne}`).toBe(-unheard)
}
