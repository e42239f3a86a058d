import { setImmediate as turn } from 'node:timers/promises'
import type { LedgerAccount, SettlementTerms } from '@ilp/store-traits'
import { PlainSettlements } from '../plain-settlements.js'
import type { Broken } from './broken.js'
import { MIXED_HISTORIES, settlements } from './broken-settlements.js'

export const brokenOutgoing: readonly Broken[] = [
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
      MIXED_HISTORIES,
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
      MIXED_HISTORIES,
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
      MIXED_HISTORIES,
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
    ['take nothing below the threshold', 'are of any size, to the unit'],
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
    ['are one for each account, given again until it is acknowledged'],
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
