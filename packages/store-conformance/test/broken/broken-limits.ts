import type { Operation, Outcome, Transfer } from '@ilp/store-traits'
import { type Money, PlainLedger, type PlainSession } from '../plain-ledger.js'
import type { Broken } from './broken.js'
import { HISTORIES, ledger } from './broken-ledger.js'

export const brokenLimits: readonly Broken[] = [
  ledger(
    'has limits that exclude themselves',
    class extends PlainLedger {
      override isBelow(money: Money, { from, ...of }: Transfer): boolean {
        return super.isBelow(money, {
          ...of,
          from: { ...from, minBalance: from.minBalance && from.minBalance + 1n },
        })
      }
    },
    ['lets a balance reach its minimum, and nothing below'],
  ),
  ledger(
    'takes a minimum of zero for none',
    class extends PlainLedger {
      override isBelow(money: Money, transfer: Transfer): boolean {
        return Boolean(transfer.from.minBalance) && super.isBelow(money, transfer)
      }
    },
    ['lets a balance reach its minimum, and nothing below'],
  ),
  ledger(
    'takes a maximum of zero for none',
    class extends PlainLedger {
      override isAbove(money: Money, transfer: Transfer): boolean {
        return Boolean(transfer.to.maxBalance) && super.isAbove(money, transfer)
      }
    },
    ['lets a balance reach its maximum, and nothing above'],
  ),
  ledger(
    'nets what is held for an account with what is held out of it, at the minimum',
    class extends PlainLedger {
      override isBelow({ balance, heldOut, heldIn }: Money, transfer: Transfer): boolean {
        return super.isBelow({ balance, heldOut: heldOut - heldIn, heldIn }, transfer)
      }
    },
    ['never takes what is held for an account as money that it can spend', HISTORIES],
  ),
  ledger(
    'nets what is held for an account with what is held out of it, at the maximum',
    class extends PlainLedger {
      override isAbove({ balance, heldOut, heldIn }: Money, transfer: Transfer): boolean {
        return super.isAbove({ balance, heldOut, heldIn: heldIn - heldOut }, transfer)
      }
    },
    ['never takes what is held out of an account as room below its maximum', HISTORIES],
  ),
  ledger(
    'forgets holds when it looks at limits',
    class extends PlainLedger {
      override isBelow(money: Money, transfer: Transfer): boolean {
        return super.isBelow({ ...money, heldOut: 0n }, transfer)
      }
    },
    ['counts what is held, by whatever session', 'lets no race between sessions cross a minimum'],
  ),
  ledger(
    'looks at both limits of both accounts',
    class extends PlainLedger {
      override isBelow(money: Money, { to, ...transfer }: Transfer): boolean {
        return super.isBelow(money, { ...transfer, to }) || (to.minBalance ?? 0n) > 0n
      }
    },
    ['looks at the minimum of the sender and the maximum of the receiver, at nothing else'],
  ),
  ledger(
    'keeps the limits that it saw first',
    class extends PlainLedger {
      readonly limits = new Map<string, bigint | undefined>()
      override isBelow(money: Money, { from, ...transfer }: Transfer): boolean {
        if (!this.limits.has(from.id)) this.limits.set(from.id, from.minBalance)
        return super.isBelow(money, { ...transfer, from: { ...from, minBalance: this.limits.get(from.id) } })
      }
    },
    ['takes the limits that an operation comes with'],
  ),
  ledger(
    'lets amounts of zero past every limit',
    class extends PlainLedger {
      override isBelow(money: Money, transfer: Transfer): boolean {
        return transfer.incomingAmount > 0n && super.isBelow(money, transfer)
      }
    },
    ['refuses amounts of zero as well where a balance is past its limit'],
  ),
  ledger(
    'looks at the maximum first',
    class extends PlainLedger {
      override judge(session: PlainSession, operation: Operation): Outcome {
        const { kind, transfer } = operation
        const isAbove = kind === 'reserve' && this.isAbove(this.of(transfer.to.id), transfer)
        return isAbove && this.isLive(session) ? 'above-maximum' : super.judge(session, operation)
      }
    },
    ['tells of the minimum where both limits are crossed, and holds nothing'],
  ),
  ledger(
    'holds what it then refuses',
    class extends PlainLedger {
      override write(session: PlainSession, operation: Operation, outcome: Outcome): void {
        if (outcome === 'above-maximum') this.hold(session, { ...operation.transfer, amount: 0n }, 1n)
        super.write(session, operation, outcome)
      }
    },
    ['tells of the minimum where both limits are crossed, and holds nothing', HISTORIES],
  ),
]
