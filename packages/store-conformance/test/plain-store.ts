import { type AccountId, lifecycle } from '@ilp/service-core'
import {
  type AccountChange,
  type AccountStore,
  type AddressStore,
  type CredentialChange,
  type CredentialStore,
  createSecrets,
  type Link,
  type PutAccountOutcome,
  type RateStore,
  type RouteChange,
  type RouteStore,
  type StaticRoute,
  type StoredRates,
  StoreError,
} from '@ilp/store-traits'
import type { ConformanceAccount, StoreHarness } from '../src/index.js'
import { TRAITS, type Trait } from '../src/index.js'
import { PlainLedger } from './plain-ledger.js'
import { PlainRateLimits } from './plain-rate-limits.js'
import { PlainAdjustments, PlainSettlements } from './plain-settlements.js'

type Listener<Change> = (change: Change) => void

/** What the traits with a feed have in common. */
export class Announcing<Change> {
  readonly listeners: { tell: Listener<Change> }[] = []
  readonly queue: Change[] = []

  watch = (tell: Listener<Change>): (() => void) => {
    const subscription = { tell }
    this.listeners.push(subscription)
    return () => {
      const at = this.listeners.indexOf(subscription)
      if (at >= 0) this.listeners.splice(at, 1)
    }
  }

  announce(change: Change): void {
    if (this.queue.push(change) > 1) return
    for (; this.queue.length > 0; this.queue.shift()) {
      for (const { tell } of [...this.listeners]) this.tell(tell, this.queue[0] as Change)
    }
  }

  tell(tell: Listener<Change>, change: Change): void {
    try {
      tell(change)
    } catch {
      // Others have to be told.
    }
  }
}

export class PlainAccounts
  extends Announcing<AccountChange<ConformanceAccount>>
  implements AccountStore<ConformanceAccount>
{
  readonly accounts = new Map<AccountId, ConformanceAccount>()
  readonly retired = new Set<AccountId>()

  constructor(readonly credentials: PlainCredentials) {
    super()
  }

  get(id: AccountId) {
    return this.accounts.get(id)
  }

  byUsername(username: string) {
    return this.all().find(account => account.username === username)
  }

  all() {
    return [...this.accounts.values()]
  }

  async put(account: ConformanceAccount): Promise<PutAccountOutcome> {
    const outcome = this.judge(account)
    if (outcome === 'stored') this.store(this.copy(account))
    return outcome
  }

  judge({ id, username, asset }: ConformanceAccount): PutAccountOutcome {
    const former = this.accounts.get(id)
    if (this.retired.has(id)) return 'id-retired'
    if (former && JSON.stringify(former.asset) !== JSON.stringify(asset)) return 'asset-fixed'
    return this.all().some(other => other.username === username && other.id !== id)
      ? 'username-taken'
      : 'stored'
  }

  store(account: ConformanceAccount): void {
    this.accounts.set(account.id, account)
    this.announce({ id: account.id, account })
  }

  copy(account: ConformanceAccount): ConformanceAccount {
    return freeze(structuredClone(account))
  }

  async remove(id: AccountId): Promise<void> {
    if (!this.accounts.delete(id)) return
    this.retired.add(id)
    this.credentials.forget(id)
    this.announce({ id, account: undefined })
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}

const LINKS: readonly Link[] = ['btp', 'http']

interface Incoming {
  readonly account: AccountId
  readonly link: Link
  readonly hash: string
}

export class PlainCredentials extends Announcing<CredentialChange> implements CredentialStore {
  readonly secrets = createSecrets(new Uint8Array(32))
  incoming: readonly Incoming[] = []
  readonly outgoing = new Map<string, string>()

  authenticate(link: Link, token: string): AccountId | undefined {
    const hash = this.hash(token)
    return this.incoming.find(known => known.link === link && known.hash === hash)?.account
  }

  async setIncomingTokens(account: AccountId, link: Link, tokens: readonly string[]) {
    const hashes = tokens.map(token => this.hash(token))
    if (this.isTaken(account, link, hashes)) return 'token-taken' as const
    this.incoming = [
      ...this.incoming.filter(known => known.account !== account || known.link !== link),
      ...hashes.map(hash => ({ account, link, hash })),
    ]
    this.announce({ account, link })
    return 'stored' as const
  }

  isTaken(account: AccountId, _link: Link, hashes: readonly string[]): boolean {
    return this.incoming.some(known => known.account !== account && hashes.includes(known.hash))
  }

  hash(token: string): string {
    return this.secrets.hashToken(token)
  }

  outgoingToken(account: AccountId, link: Link): string | undefined {
    const sealed = this.outgoing.get(`${account}/${link}`)
    return sealed && this.secrets.open(sealed, account)
  }

  async setOutgoingToken(account: AccountId, link: Link, token: string | undefined): Promise<void> {
    if (token === undefined) this.outgoing.delete(`${account}/${link}`)
    else this.outgoing.set(`${account}/${link}`, this.seal(token, account))
    this.announce({ account, link })
  }

  seal(token: string, account: AccountId): string {
    return this.secrets.seal(token, account)
  }

  forget(account: AccountId): void {
    const of = (link: Link) => this.incoming.some(known => known.account === account && known.link === link)
    const links = LINKS.filter(link => of(link) || this.outgoing.has(`${account}/${link}`))
    this.incoming = this.incoming.filter(known => known.account !== account)
    for (const link of LINKS) this.outgoing.delete(`${account}/${link}`)
    for (const link of links) this.announce({ account, link })
  }
}

export class PlainAddress extends Announcing<string> implements AddressStore {
  current: string | undefined

  get() {
    return this.current
  }

  async set(address: string): Promise<void> {
    this.current = address
    this.announce(address)
  }
}

export class PlainRoutes extends Announcing<RouteChange> implements RouteStore {
  readonly routes = new Map<string, StaticRoute>()

  all() {
    return [...this.routes.values()]
  }

  async put(route: StaticRoute): Promise<void> {
    this.routes.set(route.prefix, route)
    this.announce(route)
  }

  async remove(prefix: string): Promise<void> {
    if (this.routes.delete(prefix)) this.announce({ prefix, account: undefined })
  }
}

export class PlainRates extends Announcing<StoredRates> implements RateStore {
  current: StoredRates | undefined

  get() {
    return this.current
  }

  async set(rates: StoredRates): Promise<void> {
    if (this.current && !this.isNewer(rates, this.current)) return
    this.current = this.copy(rates)
    this.announce(this.current)
  }

  isNewer(rates: StoredRates, than: StoredRates): boolean {
    return rates.asOfMs > than.asOfMs
  }

  copy(rates: StoredRates): StoredRates {
    return freeze(structuredClone(rates))
  }
}

/** What stands behind the stores of one test. A broken store brings a part of its own. */
export class PlainBackend {
  readonly clock = { ms: 0 }
  ledger = new PlainLedger(this.clock)
  credentials = new PlainCredentials()
  accounts = new PlainAccounts(this.credentials)
  address = new PlainAddress()
  routes = new PlainRoutes()
  rates = new PlainRates()
  settlements = new PlainSettlements(this.ledger)
  adjustments = new PlainAdjustments(this.ledger)
  rateLimits = new PlainRateLimits(this.clock)
}

/** Traits whose answers are promises reject; the others throw. */
export const AT_ONCE = ['get', 'byUsername', 'all', 'authenticate', 'outgoingToken']

export function createPlainStore(backend: PlainBackend) {
  let isOpen = false
  const check = () => {
    if (!isOpen) throw new StoreError('ERR_STORE_CLOSED', 'closed')
  }
  /** The part, as long as the store is open. */
  const part = <T extends Trait>(name: T): PlainBackend[T] =>
    new Proxy(backend[name], {
      get: (target, key) => {
        const use = Reflect.get(target, key) as (...args: unknown[]) => unknown
        if (key === 'watch')
          return (tell: Listener<unknown>) => use((change: unknown) => isOpen && tell(change))
        if (AT_ONCE.includes(String(key))) {
          return (...args: unknown[]) => {
            check()
            return use.apply(target, args)
          }
        }
        return async (...args: unknown[]) => {
          check()
          return use.apply(target, args)
        }
      },
    })
  return {
    ...lifecycle({
      start: async () => {
        isOpen = true
      },
      stop: async () => {
        isOpen = false
      },
    }),
    properties: () => ({ loses: 'everything', shared: false }),
    accounts: part('accounts'),
    credentials: part('credentials'),
    address: part('address'),
    routes: part('routes'),
    rates: part('rates'),
    ledger: part('ledger'),
    settlements: part('settlements'),
    adjustments: part('adjustments'),
    rateLimits: part('rateLimits'),
  }
}

export const plainHarness = {
  traits: TRAITS,
  createBackend: () => new PlainBackend(),
  createStore: createPlainStore,
  concurrent: true,
  durable: true,
  dump: ({ credentials }) => JSON.stringify([credentials.incoming, [...credentials.outgoing]]),
  pass: (ms, { clock }) => {
    clock.ms += ms
  },
} satisfies StoreHarness<PlainBackend>
