import type { Logger } from '@ilp/service-core'
import type { Transfer } from './ledger-store.js'

/** What an operator has to hear of single transfers, each of them whole. */
export interface Reports {
  /** It was posted though its hold was gone, perhaps across a limit. */
  readonly postedLate: (transfer: Transfer) => void
  /** Its Fulfill was relayed, and it is neither in the store nor in the journal. */
  readonly unbooked: (transfer: Transfer, error?: unknown) => void
  /** One that was reported as unbooked is in the store, or in the journal. */
  readonly recovered: (transfer: Transfer) => void
}

export const reportsTo = (logger: Logger): Reports => ({
  postedLate: transfer =>
    logger.error(describe(transfer), 'a commit was posted without its hold, since its session had ended'),
  unbooked: (transfer, err) =>
    logger.error(
      { ...describe(transfer), err },
      'a Fulfill was relayed and is not booked: reconcile by hand',
    ),
  recovered: transfer =>
    logger.warn(
      describe(transfer),
      'a Fulfill that was logged as not booked is in the store or the journal after all: do not reconcile it',
    ),
})

const describe = ({ from, incomingAmount, to, amount }: Transfer) => ({
  from: from.id,
  incomingAmount: incomingAmount.toString(),
  to: to.id,
  amount: amount.toString(),
})
