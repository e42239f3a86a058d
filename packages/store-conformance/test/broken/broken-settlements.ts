import { setImmediate as turn } from 'node:timers/promises'
import type { IncomingSettlement, LedgerAccount, SettlementTerms } from '@ilp/store-traits'
import type { PlainLedger } from '../plain-ledger.js'
import { PlainSettlements } from '../plain-settlements.js'
import type { Broken } from './broken.js'

const settlements = (
  fault: string,
  Faulty: new (ledger: PlainLedger) => PlainSettlements,
  caughtBy: readonly string[],
): Broken => ({
  fault,
  into: backend => {
    backend.settlements = new Faulty(backend.ledger)
  },
  caughtBy: caughtBy.map(title => `settlements: ${title}`),
})

const HISTORIES = 'do in random histories of packets, settlements and adjustments what the model does'
const OVER_TIME = 'are known by their keys as long as they have to be, each time anew'

const outgoing: readonly Broken[] = [
  settlements(
    'settles without a debit',
    class extends PlainSettlements {
      override post(account: LedgerAccount, amount: bigint): void {
        if (amount > 0n) super.post(account, amount)
      }
    },
    [
      'take all down to what is to stay, at the threshold and above it',
      'have their counterpart in the position of their asset',
      'have one effect when many ask at once',
      HISTORIES,
    ],
  ),
  settlements(
    'posts settlements without a counterpart',
    class extends PlainSettlements {
      override post(account: LedgerAccount, amount: bigint): void {
        this.ledger.of(account.id).balance += amount
      }
    },
    [
      'have their counterpart in the position of their asset',
      'credit what was received, against the position of its asset',
      'lose nothing over any quantities of any scales',
      HISTORIES,
    ],
  ),
  settlements(
    'takes the position of packets for the counterpart of settlements',
    class extends PlainSettlements {
      override post(account: LedgerAccount, amount: bigint): void {
        this.ledger.of(account.id).balance += amount
        this.ledger.post(account, -amount)
      }
    },
    [
      'have their counterpart in the position of their asset',
      'credit what was received, against the position of its asset',
      HISTORIES,
    ],
  ),
  settlements(
    'forgets what packets hold',
    class extends PlainSettlements {
      override due({ id }: LedgerAccount, { threshold, settleTo }: SettlementTerms): bigint {
        const { balance } = this.ledger.of(id)
        return balance >= threshold ? balance - settleTo : 0n
      }
    },
    [
      'leave what packets hold, so that their commits find it',
      'take nothing where what is held and what is to stay leave nothing',
    ],
  ),
  settlements(
    'counts what is held for an account as well',
    class extends PlainSettlements {
      override due(account: LedgerAccount, terms: SettlementTerms): bigint {
        return super.due(account, terms) - this.ledger.of(account.id).heldIn
      }
    },
    ['count neither what is held for an account nor what others hold'],
  ),
  settlements(
    'waits until the threshold is passed',
    class extends PlainSettlements {
      override due(account: LedgerAccount, terms: SettlementTerms): bigint {
        return super.due(account, { ...terms, threshold: terms.threshold + 1n })
      }
    },
    ['take all down to what is to stay, at the threshold and above it'],
  ),
  settlements(
    'settles whatever the threshold is',
    class extends PlainSettlements {
      override due(account: LedgerAccount, terms: SettlementTerms): bigint {
        return super.due(account, { ...terms, threshold: -(2n ** 200n) })
      }
    },
    ['take nothing below the threshold', 'are of any size, to the unit', HISTORIES],
  ),
  settlements(
    'never settles below zero',
    class extends PlainSettlements {
      override due(account: LedgerAccount, { threshold, settleTo }: SettlementTerms): bigint {
        return super.due(account, { threshold, settleTo: settleTo < 0n ? 0n : settleTo })
      }
    },
    ['pay ahead where they are settled below zero', 'are of any size, to the unit'],
  ),
  settlements(
    'rounds settlements to doubles',
    class extends PlainSettlements {
      override due(account: LedgerAccount, terms: SettlementTerms): bigint {
        return BigInt(Number(super.due(account, terms)))
      }
    },
    ['are of any size, to the unit'],
  ),
  settlements(
    'gives a settlement a new key on each call',
    class extends PlainSettlements {
      override async settle(account: LedgerAccount, terms: SettlementTerms) {
        const settlement = await super.settle(account, terms)
        if (!settlement) return undefined
        const anew = { ...settlement, key: this.newKey() }
        this.outgoing = this.outgoing.map(each => (each === settlement ? anew : each))
        return anew
      }
    },
    [
      'are one for each account, given again until it is acknowledged',
      'have one effect when many ask at once',
      HISTORIES,
    ],
  ),
  settlements(
    'looks into the outbox in one turn and fills it in another',
    class extends PlainSettlements {
      override async settle(account: LedgerAccount, terms: SettlementTerms) {
        const waiting = this.waiting(account.id)
        const amount = this.due(account, terms)
        await turn()
        if (waiting) return waiting
        return amount > 0n ? this.send(account, amount) : undefined
      }
    },
    ['have one effect when many ask at once', 'let no race with packets cross a minimum'],
  ),
  settlements(
    'gives out a second settlement while the first one waits',
    class extends PlainSettlements {
      override waiting(): undefined {
        return undefined
      }
    },
    ['are one for each account, given again until it is acknowledged', HISTORIES],
  ),
  settlements(
    'gives the next settlement of an account the key of the one before',
    class extends PlainSettlements {
      override newKey(): string {
        return 'the one and only key there is'
      }
    },
    [
      'are over when they are acknowledged, once or twice, and the next has a key of its own',
      'are of keys that nobody can guess',
      HISTORIES,
    ],
  ),
  settlements(
    'counts its keys',
    class extends PlainSettlements {
      #count = 0
      override newKey(): string {
        this.#count += 1
        return `${this.#count}`
      }
    },
    ['are of keys that nobody can guess'],
  ),
  settlements(
    'gives back what was settled when it is acknowledged',
    class extends PlainSettlements {
      override async acknowledge(key: string) {
        const settlement = this.outgoing.find(each => each.key === key)
        if (settlement) this.post(settlement.account, settlement.amount)
        await super.acknowledge(key)
      }
    },
    ['are over when they are acknowledged, once or twice, and the next has a key of its own'],
  ),
  settlements(
    'acknowledges whatever is the oldest',
    class extends PlainSettlements {
      override async acknowledge() {
        this.outgoing.shift()
      }
    },
    ['stay when others are acknowledged, or one that nobody knows'],
  ),
  settlements(
    'lists the newest settlement first',
    class extends PlainSettlements {
      override async readOutbox() {
        return (await super.readOutbox()).toReversed()
      }
    },
    ['wait in the order in which they came', 'wait over a restart, in their order, with their keys'],
  ),
  settlements(
    'shows the limits of an account to whoever reads the outbox',
    class extends PlainSettlements {
      override send(account: LedgerAccount, amount: bigint) {
        const settlement = super.send(account, amount)
        return Object.assign(settlement, { account })
      }
    },
    ['are in the outbox as they were answered'],
  ),
]

const incoming: readonly Broken[] = [
  settlements(
    'looks a key up in one turn and credits in another',
    class extends PlainSettlements {
      override async credit(settlement: IncomingSettlement) {
        const isKnown = this.known.has(settlement.key)
        await turn()
        return isKnown ? super.credit(settlement) : this.receive(settlement)
      }
    },
    [
      'are credited once when many say the same at once, and all hear the same',
      'are credited for one of those that say different things under one key at once',
    ],
  ),
  settlements(
    'credits each time that it is told',
    class extends PlainSettlements {
      override async credit(settlement: IncomingSettlement) {
        return this.receive(settlement)
      }
    },
    [
      'have one effect for each key, and answer alike',
      'are refused under the key of another, with no effect',
      'are known by their keys over a restart, with their answers and what is left over',
      HISTORIES,
    ],
  ),
  settlements(
    'answers a repeated key with nothing',
    class extends PlainSettlements {
      override async credit(settlement: IncomingSettlement) {
        const isKnown = this.known.has(settlement.key)
        const answer = await super.credit(settlement)
        return isKnown && answer !== 'key-reused' ? 0n : answer
      }
    },
    ['have one effect for each key, and answer alike', HISTORIES],
  ),
  settlements(
    'accepts a key that stands for something else',
    class extends PlainSettlements {
      override isSame(): boolean {
        return true
      }
    },
    [
      'are refused under the key of another, with no effect',
      'are credited for one of those that say different things under one key at once',
      HISTORIES,
    ],
  ),
  settlements(
    'takes the same money at another scale for the same',
    class extends PlainSettlements {
      override isSame(a: IncomingSettlement, b: IncomingSettlement): boolean {
        const at255 = ({ quantity }: IncomingSettlement) =>
          quantity.amount * 10n ** BigInt(255 - quantity.scale)
        return a.account.id === b.account.id && at255(a) === at255(b)
      }
    },
    ['are refused under the key of another, with no effect'],
  ),
  settlements(
    'has the keys of each account for itself',
    class extends PlainSettlements {
      override credit(settlement: IncomingSettlement) {
        return super.credit({ ...settlement, key: `${settlement.account.id} ${settlement.key}` })
      }
    },
    ['are refused under the key of another, with no effect', HISTORIES],
  ),
  settlements(
    'takes keys that look alike for the same',
    class extends PlainSettlements {
      override credit(settlement: IncomingSettlement) {
        return super.credit({ ...settlement, key: settlement.key.normalize('NFKC').trim() })
      }
    },
    ['tell any keys apart'],
  ),
  settlements(
    'rounds away what is left over',
    class extends PlainSettlements {
      override receive(settlement: IncomingSettlement): bigint {
        this.leftovers.clear()
        return super.receive(settlement)
      }
    },
    [
      'keep what is less than a unit until it is one',
      'span all scales',
      'lose nothing over any quantities of any scales',
      'lose nothing, not even what is left over, when many come at once',
    ],
  ),
  settlements(
    'keeps what is left over to 18 digits',
    class extends PlainSettlements {
      override receive(settlement: IncomingSettlement): bigint {
        const credited = super.receive(settlement)
        const { id } = settlement.account
        const left = this.leftovers.get(id)
        if (left && left.scale > 18) {
          this.leftovers.set(id, { amount: left.amount / 10n ** BigInt(left.scale - 18), scale: 18 })
        }
        return credited
      }
    },
    ['span all scales', 'lose nothing over any quantities of any scales'],
  ),
  settlements(
    'keeps what is left over of all accounts in one place',
    class extends PlainSettlements {
      override receive(settlement: IncomingSettlement): bigint {
        const { id } = settlement.account
        for (const left of this.leftovers.values()) this.leftovers.set(id, left)
        const credited = super.receive(settlement)
        const own = this.leftovers.get(id)
        this.leftovers.clear()
        if (own) this.leftovers.set(id, own)
        return credited
      }
    },
    ['keep it for each account by itself'],
  ),
  settlements(
    'credits up to the maximum, and no more',
    class extends PlainSettlements {
      override receive(settlement: IncomingSettlement): bigint {
        const { maxBalance } = settlement.account
        if (maxBalance === undefined) return super.receive(settlement)
        return super.receive({ ...settlement, quantity: { amount: maxBalance, scale: 9 } })
      }
    },
    ['credit across any limit'],
  ),
  settlements(
    'reads amounts as doubles',
    class extends PlainSettlements {
      override credit(settlement: IncomingSettlement) {
        const amount = BigInt(Number(settlement.quantity.amount))
        return super.credit({ ...settlement, quantity: { ...settlement.quantity, amount } })
      }
    },
    ['credit amounts of 100 digits', 'are of any size, to the unit'],
  ),
  settlements(
    'forgets keys after an hour',
    class extends PlainSettlements {
      override keptMs(): number {
        return 3_600_000
      }
    },
    [OVER_TIME, 'are known by their keys for a day, also where most of it passes while the store is closed'],
  ),
  settlements(
    'forgets keys a day after their first use',
    class extends PlainSettlements {
      override async credit(settlement: IncomingSettlement) {
        const usedMs = this.known.get(settlement.key)?.usedMs
        const answer = await super.credit(settlement)
        const known = this.known.get(settlement.key)
        if (known && usedMs !== undefined) known.usedMs = usedMs
        return answer
      }
    },
    [OVER_TIME],
  ),
]

export const brokenSettlements: readonly Broken[] = [...outgoing, ...incoming]
