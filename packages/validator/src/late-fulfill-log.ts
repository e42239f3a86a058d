import type { Fulfill, Logger, OutgoingRequest } from '@ilp/service-core'

/** Lists Fulfills that came too late in the log, with what a reconciliation with the next hop needs. */
export const lateFulfillLog =
  (logger: Logger) =>
  ({ from, to, prepare }: OutgoingRequest, fulfill: Fulfill): void =>
    logger.warn(
      {
        from: from.id,
        to: to.id,
        amount: prepare.amount,
        destination: prepare.destination,
        expiresAt: prepare.expiresAt,
        fulfillment: fulfill.fulfillment.toString('hex'),
      },
      'a Fulfill came after its deadline and was dropped: to be reconciled with the next hop',
    )
