import { streamSender } from '@ilp/stream-sender'
import type { Measurement } from './measurement.js'
import { comparePayments, from, how, PAYMENT, type Path, type Pay, peer } from './stream-payments.js'

function ours({ call, issue }: Path): Pay {
  const sender = streamSender({ service: { call }, from })
  return async () => {
    const { destinationAccount: destinationAddress, sharedSecret } = issue()
    const { end } = await sender.pay({ destinationAddress, sharedSecret, amount: { source: PAYMENT } })
    if (end !== 'completed') throw new Error(`our payment ended: ${end}`)
  }
}

export const streamSenderMeasurement: Measurement = {
  name: 'stream-sender',
  what: 'STREAM sender',
  unit: 'packets a second of CPU time',
  peer,
  bar: { atLeast: 5 },
  how,
  run: pace => comparePayments(ours, pace),
}
