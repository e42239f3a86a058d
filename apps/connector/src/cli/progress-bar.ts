import { money } from './amounts.js'
import type { ShownPayment } from './api-types.js'
import { seconds } from './durations.js'
import { harmless } from './style.js'
import type { Sink } from './terminal.js'

const WIDTH = 30
const CLEAR = '\r\u001b[K'

/** A line that shows how far a payment is. */
export interface ProgressBar {
  readonly show: (payment: ShownPayment) => void
  /** Leaves an empty line. */
  readonly clear: () => void
}

/** On a terminal; elsewhere, and where it isn't wanted, there is none. */
export function progressBar(sink: Sink, isWanted: boolean): ProgressBar {
  if (!sink.isTTY || !isWanted) return { show: () => {}, clear: () => {} }
  return {
    show: payment => {
      const { detail, beganAtMs } = payment
      const { part, text } = progressOf(payment)
      const filled = Number((part * BigInt(WIDTH)) / 100n)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`
      const line = `${bar} ${part} %  ${text}  ${seconds(Date.now() - beganAtMs)}  ${harmless(detail ?? '')}`
      sink.write(`${CLEAR}${line.slice(0, Math.max(1, (sink.columns || 80) - 1))}`)
    },
    clear: () => void sink.write(CLEAR),
  }
}

/** How many hundredths of a payment are done. */
function progressOf({ amount, sent, delivered, asset, receiverAsset }: ShownPayment): {
  readonly part: bigint
  readonly text: string
} {
  const [done, all] = 'source' in amount ? [sent, amount.source] : [delivered, amount.delivery]
  const part = (BigInt(done) * 100n) / BigInt(all)
  const text =
    'source' in amount
      ? `${money(done, asset)} of ${money(all, asset)} sent`
      : receiverAsset
        ? `${money(done, receiverAsset)} of ${money(all, receiverAsset)} delivered`
        : `${done} of ${all} units delivered`
  return { part: part > 100n ? 100n : part, text }
}
