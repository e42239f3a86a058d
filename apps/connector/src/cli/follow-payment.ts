import { setTimeout as sleep } from 'node:timers/promises'
import { type AdminClient, segment } from './admin-client.js'
import type { ShownPayment } from './api-types.js'
import type { Context, Result } from './command-line.js'
import { EXIT, Failure } from './failure.js'
import { paymentText } from './payment-texts.js'
import { progressBar } from './progress-bar.js'

const LOOK_INTERVAL_MS = 150

export const paymentPath = ({ account, id }: Pick<ShownPayment, 'account' | 'id'>): string =>
  `/accounts/${segment(account)}/payments/${segment(id)}`

/** Whether somebody wants to have it ended, by SIGINT. */
export interface Interruption {
  readonly isAsked: () => boolean
  readonly undo: () => void
}

/** Under npm, one Ctrl-C comes twice: from the terminal, and from npm. */
const SAME_SIGNAL_MS = 500

/** The first SIGINT asks for the end; another one doesn't wait for it. */
export function interruption({ terminal, isJson, style }: Context): Interruption {
  let firstMs: number | undefined
  const undo = terminal.onInterrupt(() => {
    const nowMs = performance.now()
    if (firstMs !== undefined) {
      if (nowMs - firstMs > SAME_SIGNAL_MS) terminal.leave(EXIT.interrupted)
      return
    }
    firstMs = nowMs
    const line = 'Cancelling: what is in flight is waited for. Ctrl-C again leaves that to the node.'
    if (!isJson) terminal.err.write(`\n${style('yellow', line)}\n`)
  })
  return { isAsked: () => firstMs !== undefined, undo }
}

/** Watches a payment until it is over, and cancels it where that is asked for. */
export async function followPayment(
  node: AdminClient,
  begun: ShownPayment,
  { isAsked }: Pick<Interruption, 'isAsked'>,
  { terminal, isJson }: Context,
): Promise<ShownPayment> {
  const path = paymentPath(begun)
  const bar = progressBar(terminal.err, !isJson)
  let payment = begun
  let isCancelled = false
  try {
    while (payment.endedAtMs === null) {
      bar.show(payment)
      await sleep(LOOK_INTERVAL_MS)
      const cancels: boolean = !isCancelled && isAsked()
      isCancelled ||= cancels
      payment = await node.call<ShownPayment>(cancels ? 'DELETE' : 'GET', path)
    }
    return payment
  } catch (error) {
    throw error instanceof Failure ? outOfSight(error, payment) : error
  } finally {
    bar.clear()
  }
}

/** What was seen of it last is told: it may go on. */
function outOfSight(failure: Failure, { account, id, sent, delivered }: ShownPayment): Failure {
  const isForgotten = failure.details.code === 'not-found'
  const seen = `${sent} units were sent and ${delivered} delivered when it was last seen`
  const message = `${isForgotten ? 'the node knows the payment no more' : failure.message}; ${seen}`
  const next = isForgotten
    ? `It was started again: what the payment has sent is in ilp-connector accounts balance ${account}.`
    : `The payment may go on: ilp-connector payments follow ${id} --account ${account}`
  return new Failure(message, { ...failure.details, next })
}

/** What came of it, with the exit code that says so. */
export function paymentResult(payment: ShownPayment, isAsked: boolean): Result {
  const { end } = payment
  const failed = isAsked && end !== 'completed' ? EXIT.interrupted : EXIT.failed
  return {
    document: payment,
    text: style => paymentText(payment, style),
    exitCode: end === 'completed' || end === null ? EXIT.ok : failed,
  }
}
