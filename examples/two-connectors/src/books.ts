/** A connector's admin listener, and the accounts that it is asked about. */
export interface Node {
  readonly name: string
  readonly url: string
  readonly token: string
  readonly accounts: readonly string[]
}

/** A line of the books: an account of a node, or the node's own position. */
export interface Line {
  readonly node: string
  readonly account: string
  readonly balance: bigint
}

export async function readBooks(nodes: readonly Node[]): Promise<Line[]> {
  const books: Line[] = []
  for (const { name, url, token, accounts } of nodes) {
    const get = async <T>(path: string) => {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
      return (await response.json()) as T
    }
    for (const account of accounts) {
      const { balance } = await get<{ balance: string }>(`/accounts/${account}/balance`)
      books.push({ node: name, account, balance: BigInt(balance) })
    }
    for (const { balance } of await get<{ balance: string }[]>('/positions')) {
      books.push({ node: name, account: '(own position)', balance: BigInt(balance) })
    }
  }
  return books
}

/** Prints the books and what they have to add up to; returns whether they do. */
export function printBooks(
  books: readonly Line[],
  { amount, received }: { readonly amount: bigint; readonly received: bigint },
): boolean {
  console.log(
    '\n\nBalances, in units: what the node owes the account; negative when the account owes the node',
  )
  for (const { node, account, balance } of books) {
    console.log(`  ${node.padEnd(6)} ${account.padEnd(16)} ${balance.toLocaleString('en').padStart(12)}`)
  }
  const of = (node: string, account: string) =>
    books.find(line => line.node === node && line.account === account)?.balance ?? 0n
  const sum = (node: string) =>
    books.filter(line => line.node === node).reduce((total, line) => total + line.balance, 0n)
  const checks: readonly (readonly [string, boolean])[] = [
    [`the shop has received ${received.toLocaleString('en')} units, all that was sent`, received === amount],
    ['the payer owes Alice just that', of('alice', 'payer') === -amount],
    ['Bob owes the shop just that', of('bob', 'shop') === amount],
    ['Alice and Bob agree on what one owes the other', of('alice', 'bob') === -of('bob', 'alice')],
    ['the books of each add up to zero', sum('alice') === 0n && sum('bob') === 0n],
  ]
  console.log()
  for (const [what, holds] of checks) console.log(`  ${holds ? '✓' : '✗'} ${what}`)
  console.log()
  return checks.every(([, holds]) => holds)
}
