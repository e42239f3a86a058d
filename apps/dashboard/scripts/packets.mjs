/** ILP packets, as far as a scene needs them (RFC 27). */

export const octets = bytes => Buffer.from(bytes)

/** A string of octets behind its length. */
const sized = bytes => {
  const { length } = bytes
  const head = length < 128 ? octets([length]) : octets([0x82, length >> 8, length & 255])
  return Buffer.concat([head, bytes])
}

/** A Prepare that has 20 s. */
export function prepare({ units, destination, condition }) {
  const amount = Buffer.alloc(8)
  amount.writeBigUInt64BE(units)
  const expiry = new Date(Date.now() + 20_000).toISOString().replace(/\D/g, '')
  const body = [amount, Buffer.from(expiry, 'ascii'), condition, sized(Buffer.from(destination)), octets([0])]
  return Buffer.concat([octets([12]), sized(Buffer.concat(body))])
}
