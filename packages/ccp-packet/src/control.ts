import { Reader, Writer } from '@ilp/oer'
import type { Prepare } from '@ilp/service-core'
import { CONTROL_ADDRESS, ccpRequest, expectRequest, InvalidCcpError } from './envelope.js'
import { reading, readList, readTableId, writeList, writeTableId } from './fields.js'

/** Features that a request can name. No deployed node names any. */
export const FEATURES_MAX = 64

/** What a node says to be told routes, or to be told none. */
export interface RouteControl {
  /** `sync`: routes and their changes are wanted; `idle`: they are not. */
  readonly mode: 'idle' | 'sync'
  /** Of the peer's routing table, as far as it is known: 32 hexadecimal digits, `NO_TABLE` for none. */
  readonly tableId: string
  /** The epoch of that table up to which all is known: 0..2^32-1. */
  readonly epoch: number
  readonly features: readonly string[]
}

const MODES = ['idle', 'sync'] as const

/** @throws InvalidCcpError for a table id that is none, RangeError for an epoch out of its range */
export function controlRequest({ mode, tableId, epoch, features }: RouteControl, expiresAt: Date): Prepare {
  const writer = new Writer().writeUInt8(MODES.indexOf(mode))
  writeTableId(writer, tableId)
  writer.writeUInt32(epoch)
  writeList(writer, features, FEATURES_MAX, feature => writer.writeVarString(feature))
  return ccpRequest(CONTROL_ADDRESS, writer.toBuffer(), expiresAt)
}

/**
 * Reads a route control request. Octets behind its last field are ignored (RFC 30, extensibility).
 * @throws InvalidCcpError for anything that no peer may send
 */
export function readControl(prepare: Prepare): RouteControl {
  expectRequest(prepare, CONTROL_ADDRESS)
  return reading(() => {
    const reader = new Reader(prepare.data)
    const mode = MODES[reader.readUInt8()]
    if (mode === undefined) throw new InvalidCcpError('the mode is neither idle nor sync')
    const tableId = readTableId(reader)
    const epoch = reader.readUInt32()
    const features = readList(reader, {
      max: FEATURES_MAX,
      octetsMin: 1,
      read: () => reader.readVarOctets().toString('utf8'),
    })
    return { mode, tableId, epoch, features }
  })
}
