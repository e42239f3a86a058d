import type { Operation, Outcome, Transfer } from '@ilp/store-traits'
import { type Money, PlainLedger, type PlainSession } from '../plain-ledger.js'
import type { Broken } from './broken.js'
import { HISTORIES, type LedgerClass, ledger } from './broken-ledger.js'

/** What a double makes of an exact number. */
const rounded = (value: bigint): bigint => BigInt(Number(value))

const reading = (change: (money: Money) => void): LedgerClass =>
  class extends PlainLedger {
    override write(...of: Parameters<PlainLedger['write']>): void {
      super.write(...of)
      for (const money of this.money.values()) change(money)
    }
  }

export const brokenArithmetic: readonly Broken[] = [
  ledger(
    'rounds balances to doubles',
    reading(money => {
      money.balance = rounded(money.balance)
    }),
    ['keeps large amounts to the unit', 'keeps balances and holds of 2^80 to the unit', HISTORIES],
  ),
  ledger(
    'rounds holds to doubles',
    reading(money => {
      money.heldOut = rounded(money.heldOut)
      money.heldIn = rounded(money.heldIn)
    }),
    ['keeps large amounts to the unit', HISTORIES],
  ),
  ledger(
    'compares limits as doubles',
    class extends PlainLedger {
      override isBelow({ balance, heldOut }: Money, { from, incomingAmount }: Transfer): boolean {
        return Number(balance - heldOut - incomingAmount) < Number(from.minBalance ?? -Infinity)
      }
    },
    ['tells limits from their neighbours at any size'],
  ),
  ledger(
    'wraps balances at 64 bits',
    reading(money => {
      money.balance = BigInt.asIntN(64, money.balance)
    }),
    ['keeps balances and holds of 2^80 to the unit', 'keeps large amounts to the unit'],
  ),
  ledger(
    'forgets to post to the positions',
    class extends PlainLedger {
      override post(): void {}
    },
    [
      'turns a hold into postings on a commit, the spread into the position',
      'posts both sides of an exchange against the positions of their assets',
      'lists positions by code, then by scale as a number',
      'tells assets apart by any code',
      HISTORIES,
    ],
  ),
  ledger(
    'has one position for all scales of a code',
    class extends PlainLedger {
      override post(account: Transfer['from'], amount: bigint): void {
        super.post({ ...account, asset: { code: account.asset.code, scale: 9 } }, amount)
      }
    },
    ['posts both sides of an exchange against the positions of their assets', HISTORIES],
  ),
  ledger(
    'sorts scales as text',
    class extends PlainLedger {
      override async readPositions() {
        const positions = await super.readPositions()
        const key = ({ code, scale }: { code: string; scale: number }) => `${code} ${scale}`
        return positions.toSorted((a, b) => (key(a.asset) < key(b.asset) ? -1 : 1))
      }
    },
    ['lists positions by code, then by scale as a number'],
  ),
  ledger(
    'posts the amount that entered on both sides',
    class extends PlainLedger {
      override write(session: PlainSession, operation: Operation, outcome: Outcome): void {
        super.write(session, operation, outcome)
        const { to, incomingAmount, amount } = operation.transfer
        if (operation.kind === 'commit') this.of(to.id).balance += incomingAmount - amount
      }
    },
    [
      'turns a hold into postings on a commit, the spread into the position',
      'takes amounts of zero on either side',
    ],
  ),
  ledger(
    'posts already on a reserve',
    class extends PlainLedger {
      override write(session: PlainSession, operation: Operation, outcome: Outcome): void {
        const kind = operation.kind === 'reserve' ? 'commit' : operation.kind
        super.write(session, { ...operation, kind }, outcome)
      }
    },
    ['holds on a reserve, and posts nothing'],
  ),
  ledger(
    'takes the two sides of a transfer to be different accounts',
    class extends PlainLedger {
      override hold(session: PlainSession, transfer: Transfer, sign: bigint): void {
        const isOwn = transfer.from.id === transfer.to.id
        super.hold(session, isOwn ? { ...transfer, incomingAmount: 0n } : transfer, sign)
      }
    },
    ['takes an account on both sides of a transfer'],
  ),
]
