import { chainLink, createConnection } from '@ilp/stream-connection'
import type { Measurement } from './measurement.js'
import { ASSET } from './our-connector.js'
import { comparePayments, from, how, PAYMENT, type Path, type Pay, peer, SENDER } from './stream-payments.js'

function ours({ call, issue }: Path): Pay {
  const link = chainLink({ service: () => ({ call }), from, address: () => SENDER, asset: ASSET })
  return async () => {
    const { destinationAccount: destinationAddress, sharedSecret } = issue()
    const connection = await createConnection({ link, destinationAddress, sharedSecret })
    await connection.createStream().sendTotal(PAYMENT)
    await connection.close()
  }
}

export const streamConnectionMeasurement: Measurement = {
  name: 'stream-connection',
  what: 'STREAM connection, money one way',
  unit: 'packets a second of CPU time',
  peer,
  bar: { atLeast: 3 },
  how,
  run: pace => comparePayments(ours, pace),
}
