import { setImmediate as turn } from 'node:timers/promises'
import type { IncomingSettlement } from '@ilp/store-traits'
import { PlainSettlements } from '../plain-settlements.js'
import type { Broken } from './broken.js'
import { MIXED_HISTORIES, settlements } from './broken-settlements.js'

const OVER_TIME = 'are known by their keys as long as they have to be, each time anew'

export const brokenIncoming: readonly Broken[] = [
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
      MIXED_HISTORIES,
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
    ['have one effect for each key, and answer alike', MIXED_HISTORIES],
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
      MIXED_HISTORIES,
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
    ['are refused under the key of another, with no effect', MIXED_HISTORIES],
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
