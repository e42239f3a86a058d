import { createHash, randomBytes } from 'node:crypto'
import { Prepare } from '@ilp/service-core'

/** Octets of every Prepare of a load. */
export const PREPARE_BYTES = 142
/** Where the expiry lies in a Prepare of that size. */
export const EXPIRY_IN_PREPARE = 11
/** Octets at the end of its data that count packets. */
export const COUNTER_BYTES = 4
/** What fulfils every Prepare of a load: 32 zero bytes. */
export const FULFILLMENT: Uint8Array = new Uint8Array(32)

/** What is neither destination nor data, as long as both are shorter than 128 octets. */
const OTHER_BYTES = 62
const DATA_BYTES_MIN = 8

/**
 * The Prepare that those of a load are made of. Its data are random, for the counter at their end to make each packet
 * one of its own: npm's `ilp-connector` answers a Prepare that it has seen before from its memory.
 */
export function prepareTemplate(destination: string, amount: bigint): Buffer {
  const dataLength = PREPARE_BYTES - OTHER_BYTES - destination.length
  if (dataLength < DATA_BYTES_MIN) throw new RangeError(`${destination} has more than 72 characters`)
  return Prepare.create({
    units: amount,
    expiresAt: new Date(),
    executionCondition: createHash('sha256').update(FULFILLMENT).digest(),
    destination,
    data: randomBytes(dataLength),
  }).toBuffer()
}
