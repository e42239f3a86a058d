import { OerError, type Reader, type Writer } from '@ilp/oer'
import { InvalidCcpError } from './envelope.js'

const TABLE_ID_LENGTH = 16
const TABLE_ID = /^[0-9a-f]{32}$/

/** The id of no routing table: what is said by who knows none yet. */
export const NO_TABLE = '0'.repeat(2 * TABLE_ID_LENGTH)

export const readTableId = (reader: Reader): string => reader.readOctets(TABLE_ID_LENGTH).toString('hex')

/** @throws InvalidCcpError unless it is 32 lower-case hexadecimal digits */
export function writeTableId(writer: Writer, tableId: string): void {
  if (!TABLE_ID.test(tableId)) throw new InvalidCcpError(`'${tableId}' is no routing table id`)
  writer.writeOctets(Buffer.from(tableId, 'hex'))
}

/** Runs `read`, and says of bytes that are no OER that they are no CCP. */
export function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof OerError) throw new InvalidCcpError(error.message)
    throw error
  }
}

/** Addresses are ASCII (RFC 15): octets above are refused rather than turned into other text. */
export function readAscii(reader: Reader): string {
  const octets = reader.readVarOctets()
  for (const octet of octets) if (octet > 0x7f) throw new InvalidCcpError('an address is not ASCII')
  return octets.toString('latin1')
}

/** What comes more than once. Its number is held against the limit and the octets that are left before any is read. */
export function readList<T>(
  reader: Reader,
  { max, octetsMin, read }: { max: number; octetsMin: number; read: (reader: Reader) => T },
): T[] {
  const count = reader.readVarUInt()
  if (count > max) throw new InvalidCcpError(`${count} of what there are ${max} at most`)
  if (Number(count) * octetsMin > reader.remaining)
    throw new InvalidCcpError(`${count} of what there is no room for`)
  const list: T[] = []
  for (let left = Number(count); left > 0; left--) list.push(read(reader))
  return list
}

/** @throws InvalidCcpError for a list that no reader would take */
export function writeList<T>(
  writer: Writer,
  list: readonly T[],
  max: number,
  write: (item: T) => void,
): void {
  if (list.length > max) throw new InvalidCcpError(`${list.length} of what there are ${max} at most`)
  writer.writeVarUInt(BigInt(list.length))
  for (const item of list) write(item)
}
