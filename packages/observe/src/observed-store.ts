import { type Store, type StoredAccount, StoreError } from '@ilp/store-traits'
import { Durations } from './durations.js'
import type { Metrics, Sample } from './metrics.js'

/**
 * The store, with the calls that wait for its backend counted and timed. What a packet doesn't wait for (reads from
 * memory, feeds) is passed on as it is. Errors are thrown as they come.
 */
export function observedStore<A extends StoredAccount>(
  store: Store<A>,
  metrics: Pick<Metrics, 'add'>,
): Store<A> {
  const calls = new StoreCalls(metrics)
  const { accounts, credentials, address, routes, rates, ledger, settlements, adjustments, rateLimits } =
    store
  const seen = calls.seen.bind(calls)
  return {
    start: () => store.start(),
    stop: () => store.stop(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    properties: () => store.properties(),
    accounts: {
      get: id => accounts.get(id),
      byUsername: username => accounts.byUsername(username),
      all: () => accounts.all(),
      watch: listener => accounts.watch(listener),
      put: seen('accounts.put', account => accounts.put(account)),
      remove: seen('accounts.remove', id => accounts.remove(id)),
    },
    credentials: {
      authenticate: (link, token) => credentials.authenticate(link, token),
      outgoingToken: (account, link) => credentials.outgoingToken(account, link),
      watch: listener => credentials.watch(listener),
      setIncomingTokens: seen('credentials.setIncomingTokens', (account, link, tokens) =>
        credentials.setIncomingTokens(account, link, tokens),
      ),
      setOutgoingToken: seen('credentials.setOutgoingToken', (account, link, token) =>
        credentials.setOutgoingToken(account, link, token),
      ),
    },
    address: {
      get: () => address.get(),
      watch: listener => address.watch(listener),
      set: seen('address.set', text => address.set(text)),
    },
    routes: {
      all: () => routes.all(),
      watch: listener => routes.watch(listener),
      put: seen('routes.put', route => routes.put(route)),
      remove: seen('routes.remove', prefix => routes.remove(prefix)),
    },
    rates: {
      get: () => rates.get(),
      watch: listener => rates.watch(listener),
      set: seen('rates.set', stored => rates.set(stored)),
    },
    ledger: {
      openSession: seen('ledger.openSession', terms => ledger.openSession(terms)),
      renewSession: seen('ledger.renewSession', session => ledger.renewSession(session)),
      endSession: seen('ledger.endSession', session => ledger.endSession(session)),
      endExpiredSessions: seen('ledger.endExpiredSessions', () => ledger.endExpiredSessions()),
      apply: seen('ledger.apply', (session, seq, operations) => {
        calls.operations += operations.length
        return ledger.apply(session, seq, operations)
      }),
      readBalance: seen('ledger.readBalance', account => ledger.readBalance(account)),
      readPositions: seen('ledger.readPositions', () => ledger.readPositions()),
    },
    settlements: {
      settle: seen('settlements.settle', (account, terms) => settlements.settle(account, terms)),
      readOutbox: seen('settlements.readOutbox', () => settlements.readOutbox()),
      acknowledge: seen('settlements.acknowledge', key => settlements.acknowledge(key)),
      credit: seen('settlements.credit', settlement => settlements.credit(settlement)),
    },
    adjustments: {
      adjust: seen('adjustments.adjust', adjustment => adjustments.adjust(adjustment)),
      read: seen('adjustments.read', account => adjustments.read(account)),
    },
    rateLimits: {
      take: seen('rateLimits.take', (bucket, terms, wanted) => rateLimits.take(bucket, terms, wanted)),
      give: seen('rateLimits.give', (bucket, terms, tokens) => rateLimits.give(bucket, terms, tokens)),
    },
  }
}

/** The calls of one name. */
class Calls {
  readonly durations = new Durations()
  readonly outcomes = new Map<string, number>([['ok', 0]])
  waiting = 0

  ended(outcome: string, ms: number): void {
    this.waiting -= 1
    this.durations.add(ms)
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
  }
}

const outcomeOf = (error: unknown): string => (error instanceof StoreError ? error.code : 'error')

class StoreCalls {
  operations = 0
  /** Those that have been made, by name. */
  readonly #calls = new Map<string, Calls>()

  constructor({ add }: Pick<Metrics, 'add'>) {
    const all = (samples: (call: string, calls: Calls) => Iterable<Sample>) => () =>
      [...this.#calls].flatMap(([call, calls]) => [...samples(call, calls)])
    add({
      name: 'ilp_store_calls_total',
      help: "Calls to the store that have ended. outcome: ok, a store error's code, or error.",
      type: 'counter',
      read: all((call, { outcomes }) =>
        Array.from(outcomes, ([outcome, value]) => ({ labels: { call, outcome }, value })),
      ),
    })
    add({
      name: 'ilp_store_calls_waiting',
      help: 'Calls to the store that have not ended.',
      type: 'gauge',
      read: all((call, { waiting }) => [{ labels: { call }, value: waiting }]),
    })
    add({
      name: 'ilp_store_call_duration_seconds',
      help: 'Time that calls to the store took.',
      type: 'histogram',
      read: all((call, { durations }) => durations.samples({ call })),
    })
    add({
      name: 'ilp_ledger_operations_total',
      help: 'Reserves, commits and releases in batches given to the store, repeated ones counted again.',
      type: 'counter',
      read: () => [{ value: this.operations }],
    })
  }

  /** `call`, counted under this name. */
  seen<Args extends unknown[], Result>(
    name: string,
    call: (...args: Args) => Promise<Result>,
  ): (...args: Args) => Promise<Result> {
    return (...args) => {
      const calls = this.#of(name)
      const startMs = performance.now()
      calls.waiting += 1
      try {
        const result = call(...args)
        result.then(
          () => calls.ended('ok', performance.now() - startMs),
          (error: unknown) => calls.ended(outcomeOf(error), performance.now() - startMs),
        )
        return result
      } catch (error) {
        calls.ended(outcomeOf(error), performance.now() - startMs)
        throw error
      }
    }
  }

  #of(name: string): Calls {
    const known = this.#calls.get(name)
    if (known) return known
    const calls = new Calls()
    this.#calls.set(name, calls)
    return calls
  }
}
