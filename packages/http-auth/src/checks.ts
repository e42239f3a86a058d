import { createSecretKey, type KeyObject } from 'node:crypto'

const SECRET_BYTES_MIN = 32

/** @throws RangeError when it is too short */
export function secretKey(secret: string | Uint8Array): KeyObject {
  const octets = Buffer.from(secret)
  if (octets.length < SECRET_BYTES_MIN)
    throw new RangeError(`a secret for HS256 has ${SECRET_BYTES_MIN} octets or more`)
  return createSecretKey(octets)
}

/** @throws RangeError when one of the options is not a whole number above 0 */
export function checkNumbers<Options extends object>(options: Options): Options {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
  }
  return options
}
