import { type AccountId, isAddressPrefix, scheme } from '@ilp/service-core'

/**
 * Prefixes of addresses and the accounts that they lead to. Everything is synchronous: a lookup sees each change
 * whole, or not yet.
 */
export interface RoutingTable {
  /**
   * The account that the longest matching prefix leads to. Prefixes end where segments do: `g.al` is none of
   * `g.alice`. Takes as many steps as the destination shares segments with a route, whatever the table's size.
   */
  readonly nextHop: (destination: string) => AccountId | undefined
  /**
   * Adds a route, or leads its prefix elsewhere. The empty prefix is the default route, taken by whatever no other
   * prefix matches, except `local.` addresses, which mean nothing outside of a node's own surroundings (RFC 15).
   * @throws TypeError unless the prefix is empty or an address prefix (`isAddressPrefix`)
   */
  readonly put: (prefix: string, account: AccountId) => void
  /** No effect when there is none. */
  readonly remove: (prefix: string) => void
  /** All routes, in no order. */
  readonly entries: () => IterableIterator<readonly [prefix: string, account: AccountId]>
  /** The number of routes. */
  readonly size: () => number
}

/** An empty table. */
export function createRoutingTable(): RoutingTable {
  const table = new PrefixTree()
  return {
    nextHop: destination => table.nextHop(destination),
    put: (prefix, account) => table.put(prefix, account),
    remove: prefix => table.remove(prefix),
    entries: () => table.entries(),
    size: () => table.size,
  }
}

/** A segment of prefixes: the route that ends here, and the segments that follow. */
class Segment {
  account: AccountId | undefined
  next: Map<string, Segment> | undefined
}

class PrefixTree {
  readonly #root = new Segment()
  size = 0

  nextHop(destination: string): AccountId | undefined {
    let segment = this.#root
    let found: AccountId | undefined
    let start = 0
    while (segment.next) {
      const dot = destination.indexOf('.', start)
      const end = dot < 0 ? destination.length : dot
      const next = segment.next.get(destination.slice(start, end))
      if (!next) break
      segment = next
      found = next.account ?? found
      if (dot < 0) break
      start = dot + 1
    }
    return found ?? this.#byDefault(destination)
  }

  #byDefault(destination: string): AccountId | undefined {
    const { account } = this.#root
    return account !== undefined && scheme(destination) !== 'local' ? account : undefined
  }

  put(prefix: string, account: AccountId): void {
    if (prefix !== '' && !isAddressPrefix(prefix)) throw new TypeError(`'${prefix}' is not an address prefix`)
    let segment = this.#root
    for (const name of segmentsOf(prefix)) {
      segment.next ??= new Map()
      const next = segment.next.get(name) ?? new Segment()
      segment.next.set(name, next)
      segment = next
    }
    if (segment.account === undefined) this.size += 1
    segment.account = account
  }

  remove(prefix: string): void {
    const path: Segment[] = [this.#root]
    const names = segmentsOf(prefix)
    for (const name of names) {
      const next = path[path.length - 1]?.next?.get(name)
      if (!next) return
      path.push(next)
    }
    const last = path[path.length - 1] as Segment
    if (last.account === undefined) return
    last.account = undefined
    this.size -= 1
    prune(path, names)
  }

  *entries(): IterableIterator<readonly [string, AccountId]> {
    const left: [string, Segment][] = [['', this.#root]]
    for (let at = left.pop(); at; at = left.pop()) {
      const [prefix, { account, next }] = at
      if (account !== undefined) yield [prefix, account]
      for (const [name, segment] of next ?? [])
        left.push([prefix === '' ? name : `${prefix}.${name}`, segment])
    }
  }
}

const segmentsOf = (prefix: string): string[] => (prefix === '' ? [] : prefix.split('.'))

/** Takes out the segments at the path's end that no route needs any more. */
function prune(path: readonly Segment[], names: readonly string[]): void {
  for (let depth = names.length; depth > 0; depth--) {
    const { account, next } = path[depth] as Segment
    if (account !== undefined || next) return
    const parent = path[depth - 1] as Segment
    parent.next?.delete(names[depth - 1] as string)
    if (parent.next?.size === 0) parent.next = undefined
  }
}
