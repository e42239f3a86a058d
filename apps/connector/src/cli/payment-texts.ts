import { money } from './amounts.js'
import type { ShownPayment } from './api-types.js'
import { moment, seconds } from './durations.js'
import type { Style } from './style.js'
import { fields, tableOr } from './table.js'

/** Why a payment is over, and what to do about it. */
const ENDS: Readonly<Record<string, { readonly said: string; readonly next?: string }>> = {
  completed: { said: 'paid' },
  cancelled: { said: 'cancelled' },
  failed: { said: 'nothing was paid' },
  timedOut: { said: 'it took too long', next: 'Pay the rest with a longer --timeout.' },
  stalled: {
    said: 'nothing gets through any more',
    next: 'See whether a balance is used up, or the way is closed: ilp-connector alerts, accounts balance, connections list.',
  },
  rejected: {
    said: 'the path refuses it',
    next: 'F02 means no route, T04 a balance that is used up: ilp-connector routes list, accounts balance.',
  },
  rateTooLow: {
    said: 'the path gives less than the minimum rate',
    next: 'Allow more with --slippage or a lower --min-rate, or look at ilp-connector rates list.',
  },
  receiverLimit: { said: 'the receiver takes no more' },
  receiverRefused: { said: 'the receiver refuses it' },
  receiverClosed: { said: 'the receiver has closed the connection' },
  protocolError: { said: 'the receiver breaks the rules of STREAM' },
  amountTooSmall: {
    said: 'the amount is worth less than one unit of the receiver’s',
    next: 'Pay more at a time.',
  },
  sourceLimit: { said: 'it would cost more than it may', next: 'Allow more with --source-max.' },
  unknownOutcome: {
    said: 'it is not known whether all has arrived, and nothing is paid twice',
    next: 'Ask the receiver what has arrived before you pay again.',
  },
}

/** What came of a payment; or how far it is. */
export function paymentText(payment: ShownPayment, style: Style): string {
  const { end, detail, asset, unknown, inFlight, beganAtMs, endedAtMs } = payment
  const { said, next } = (end !== null && ENDS[end]) || { said: end ?? 'under way' }
  const isPaid = end === 'completed'
  const mark = end === null ? '…' : isPaid ? style('green', '✓') : style('red', '✗')
  const lines = fields([
    ['to', payment.pointer],
    ['sent', money(payment.sent, asset)],
    ['delivered', deliveredText(payment)],
    ['in flight', inFlight === '0' ? undefined : money(inFlight, asset)],
    ['unknown', unknown === '0' ? undefined : `${money(unknown, asset)} (it may be spent)`],
    ['why', isPaid || detail === null ? undefined : detail],
    ['took', endedAtMs === null ? undefined : seconds(endedAtMs - beganAtMs)],
    ['payment', `${payment.id} of ${payment.account}`],
  ])
  return `${mark} ${said}\n${lines}${isPaid || next === undefined ? '' : `\n${next}`}`
}

function deliveredText({ delivered, receiverAsset }: ShownPayment): string {
  if (receiverAsset) return money(delivered, receiverAsset)
  return delivered === '0' ? 'nothing' : `${delivered} units of the receiver’s`
}

export const paymentTable = (payments: readonly ShownPayment[], style: Style): string =>
  tableOr(
    'no payments that this process of the node remembers',
    [
      { title: 'began' },
      { title: 'to' },
      { title: 'sent', align: 'right' },
      { title: 'end' },
      { title: 'id' },
    ],
    payments.map(({ beganAtMs, pointer, sent, asset, end, id }) => [
      moment(beganAtMs),
      pointer,
      money(sent, asset),
      end ?? 'under way',
      id,
    ]),
    style,
  )
