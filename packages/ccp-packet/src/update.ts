import { Reader, sizeOfLengthPrefix, Writer } from '@ilp/oer'
import type { Prepare } from '@ilp/service-core'
import { ccpRequest, expectRequest, InvalidCcpError, UPDATE_ADDRESS } from './envelope.js'
import { readAscii, reading, readList, readTableId, writeList, writeTableId } from './fields.js'

/** Routes that an update can tell: more have no room in a packet. */
export const NEW_ROUTES_MAX = 1_000
/** Routes that an update can withdraw: more have no room in a packet. */
export const WITHDRAWN_MAX = 32_767
/** Addresses on the way of one route that are read. */
export const PATH_MAX = 1_000
/** Properties of one route. No deployed node sends any. */
export const PROPERTIES_MAX = 64

const AUTH_LENGTH = 32

/** An attribute of a route, as in BGP: kept by the codec, used by no deployed node. */
export interface RouteProperty {
  readonly isOptional: boolean
  /** To be passed on by those who don't know it; always so when it is not optional. */
  readonly isTransitive: boolean
  /** Passed on by somebody who did not know it. */
  readonly isPartial: boolean
  /** Whether the value is text. */
  readonly isUtf8: boolean
  /** 0..2^16-1 */
  readonly id: number
  readonly value: Uint8Array
}

/** A way to all addresses that begin with a prefix. */
export interface AdvertisedRoute {
  readonly prefix: string
  /** The ILP addresses of the nodes on the way, the teller's own first. */
  readonly path: readonly string[]
  /** 32 octets: the origin's code for the prefix, hashed once by each node on the way. */
  readonly auth: Uint8Array
  readonly properties: readonly RouteProperty[]
}

/** What has changed in a routing table between two of its epochs. */
export interface RouteUpdate {
  /** 32 hexadecimal digits. */
  readonly tableId: string
  /** The epoch that the table has reached: behind `toEpoch` when more is to come. All epochs are 0..2^32-1. */
  readonly currentEpoch: number
  /** Changes since this epoch… */
  readonly fromEpoch: number
  /** … up to this one. */
  readonly toEpoch: number
  /** For how long the routes may be used when nothing more is heard: 0..2^32-1 ms. */
  readonly holdDownMs: number
  /** The ILP address of who tells it. */
  readonly speaker: string
  readonly newRoutes: readonly AdvertisedRoute[]
  /** Prefixes that lead nowhere any more. Taken before `newRoutes`. */
  readonly withdrawn: readonly string[]
}

const OPTIONAL = 0x80
const TRANSITIVE = 0x40
const PARTIAL = 0x20
const UTF8 = 0x10

/**
 * @throws InvalidCcpError for a table id or an auth of the wrong length, or more of something than its limit allows
 * @throws RangeError for an epoch or a hold-down time out of its range
 * @throws InvalidPacketError when it doesn't fit into a packet
 */
export function updateRequest(update: RouteUpdate, expiresAt: Date): Prepare {
  const writer = new Writer(1024)
  writeTableId(writer, update.tableId)
  writer
    .writeUInt32(update.currentEpoch)
    .writeUInt32(update.fromEpoch)
    .writeUInt32(update.toEpoch)
    .writeUInt32(update.holdDownMs)
    .writeVarString(update.speaker)
  writeList(writer, update.newRoutes, NEW_ROUTES_MAX, route => writeRoute(writer, route))
  writeList(writer, update.withdrawn, WITHDRAWN_MAX, prefix => writer.writeVarString(prefix))
  return ccpRequest(UPDATE_ADDRESS, writer.toBuffer(), expiresAt)
}

function writeRoute(writer: Writer, { prefix, path, auth, properties }: AdvertisedRoute): void {
  if (auth.length !== AUTH_LENGTH) throw new InvalidCcpError(`an auth of ${auth.length} octets, not 32`)
  writer.writeVarString(prefix)
  writeList(writer, path, PATH_MAX, address => writer.writeVarString(address))
  writer.writeOctets(auth)
  writeList(writer, properties, PROPERTIES_MAX, property => {
    writer.writeUInt8(flagsOf(property)).writeUInt16(property.id).writeVarOctets(property.value)
  })
}

/** Whatever is not optional is transitive, and only what is both can be partial. */
function flagsOf({ isOptional, isTransitive, isPartial, isUtf8 }: RouteProperty): number {
  const text = isUtf8 ? UTF8 : 0
  if (!isOptional) return TRANSITIVE | text
  if (!isTransitive) return OPTIONAL | text
  return OPTIONAL | TRANSITIVE | (isPartial ? PARTIAL : 0) | text
}

/**
 * Reads a route update request. Octets behind its last field are ignored (RFC 30, extensibility). Auths and values are
 * views over the packet. Whether prefixes and addresses are any is for the caller to see, route by route.
 * @throws InvalidCcpError for anything that no peer may send
 */
export function readUpdate(prepare: Prepare): RouteUpdate {
  expectRequest(prepare, UPDATE_ADDRESS)
  return reading(() => {
    const reader = new Reader(prepare.data)
    return {
      tableId: readTableId(reader),
      currentEpoch: reader.readUInt32(),
      fromEpoch: reader.readUInt32(),
      toEpoch: reader.readUInt32(),
      holdDownMs: reader.readUInt32(),
      speaker: readAscii(reader),
      newRoutes: readList(reader, { max: NEW_ROUTES_MAX, octetsMin: ROUTE_OCTETS_MIN, read: readRoute }),
      withdrawn: readList(reader, { max: WITHDRAWN_MAX, octetsMin: 1, read: readAscii }),
    }
  })
}

/** An empty prefix, no path, the auth, no properties. */
const ROUTE_OCTETS_MIN = 1 + 2 + AUTH_LENGTH + 2
const PROPERTY_OCTETS_MIN = 1 + 2 + 1

const readRoute = (reader: Reader): AdvertisedRoute => ({
  prefix: readAscii(reader),
  path: readList(reader, { max: PATH_MAX, octetsMin: 1, read: readAscii }),
  auth: reader.readOctets(AUTH_LENGTH),
  properties: readList(reader, { max: PROPERTIES_MAX, octetsMin: PROPERTY_OCTETS_MIN, read: readProperty }),
})

function readProperty(reader: Reader): RouteProperty {
  const flags = reader.readUInt8()
  return {
    isOptional: (flags & OPTIONAL) !== 0,
    isTransitive: (flags & TRANSITIVE) !== 0,
    isPartial: (flags & PARTIAL) !== 0,
    isUtf8: (flags & UTF8) !== 0,
    id: reader.readUInt16(),
    value: reader.readVarOctets(),
  }
}

/** The octets that a withdrawn prefix, or another ASCII text, takes. */
export const sizeOfText = (text: string): number => sizeOfLengthPrefix(text.length) + text.length

/** The octets that a route without properties takes at most. */
export function sizeOfRoute({ prefix, path }: Pick<AdvertisedRoute, 'prefix' | 'path'>): number {
  let size = sizeOfText(prefix) + ROUTE_OCTETS_MIN + 1
  for (const address of path) size += sizeOfText(address)
  return size
}
