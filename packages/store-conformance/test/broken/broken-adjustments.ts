import { setImmediate as turn } from 'node:timers/promises'
import type { AccountId } from '@ilp/service-core'
import type { Adjustment, PostedAdjustment } from '@ilp/store-traits'
import type { PlainLedger } from '../plain-ledger.js'
import { PlainAdjustments } from '../plain-settlements.js'
import type { Broken } from './broken.js'

const adjustments = (
  fault: string,
  Faulty: new (ledger: PlainLedger) => PlainAdjustments,
  caughtBy: readonly string[],
): Broken => ({
  fault,
  into: backend => {
    backend.adjustments = new Faulty(backend.ledger)
  },
  caughtBy: caughtBy.map(title => `adjustments: ${title}`),
})

export const brokenAdjustments: readonly Broken[] = [
  adjustments(
    'looks the key of an adjustment up in one turn and posts in another',
    class extends PlainAdjustments {
      override async adjust(adjustment: Adjustment) {
        const isKnown = this.posted.some(({ key }) => key === adjustment.key)
        await turn()
        if (isKnown) return super.adjust(adjustment)
        this.post(adjustment)
        return 'posted' as const
      }
    },
    [
      'are posted once when many ask for the same at once',
      'are posted for one of those that ask for different ones under one key at once',
    ],
  ),
  adjustments(
    'adjusts twice',
    class extends PlainAdjustments {
      override async adjust(adjustment: Adjustment) {
        this.post(adjustment)
        return 'posted' as const
      }
    },
    ['have one effect for each key', 'are refused under the key of another, with no effect'],
  ),
  adjustments(
    'accepts the key of another adjustment',
    class extends PlainAdjustments {
      override isSame(): boolean {
        return true
      }
    },
    ['are refused under the key of another, with no effect'],
  ),
  adjustments(
    'takes no notice of another reason',
    class extends PlainAdjustments {
      override isSame(known: PostedAdjustment, { account, amount }: Adjustment): boolean {
        return known.account === account.id && known.amount === amount
      }
    },
    ['are refused under the key of another, with no effect'],
  ),
  adjustments(
    'adjusts without a counterpart',
    class extends PlainAdjustments {
      override post(adjustment: Adjustment): void {
        super.post(adjustment)
        this.ledger.post(adjustment.account, adjustment.amount, 'adjusted')
      }
    },
    ['are posted in either direction, against the position of their asset', 'are of any size, to the unit'],
  ),
  adjustments(
    'keeps adjustments within the limits',
    class extends PlainAdjustments {
      override async adjust(adjustment: Adjustment) {
        const { id, minBalance } = adjustment.account
        const after = this.ledger.of(id).balance + adjustment.amount
        if (minBalance !== undefined && after < minBalance) return 'posted' as const
        return super.adjust(adjustment)
      }
    },
    ['are posted across any limit, and leave holds as they are'],
  ),
  adjustments(
    'reads the oldest adjustment first',
    class extends PlainAdjustments {
      override async read(id: AccountId) {
        return (await super.read(id)).toReversed()
      }
    },
    ['are read as they were posted, the newest first, each account for itself'],
  ),
  adjustments(
    'reads all adjustments that there are',
    class extends PlainAdjustments {
      override async read(id: AccountId) {
        return this.posted.filter(({ account }) => account === id).reverse()
      }
    },
    ['are read up to a limit, the latest of them'],
  ),
  adjustments(
    'reads the first adjustments, up to the limit',
    class extends PlainAdjustments {
      override async read(id: AccountId) {
        const own = this.posted.filter(({ account }) => account === id)
        return own.slice(0, 1_000).reverse()
      }
    },
    ['are read up to a limit, the latest of them'],
  ),
  adjustments(
    'reads the adjustments of everybody',
    class extends PlainAdjustments {
      override async read() {
        return this.posted.toReversed()
      }
    },
    ['are read as they were posted, the newest first, each account for itself'],
  ),
  adjustments(
    'cuts long reasons off',
    class extends PlainAdjustments {
      override adjust(adjustment: Adjustment) {
        return super.adjust({ ...adjustment, reason: adjustment.reason.slice(0, 255) })
      }
    },
    ['have any keys and reasons'],
  ),
]
