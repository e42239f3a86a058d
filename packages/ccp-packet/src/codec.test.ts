import { Writer } from '@ilp/oer'
import { Prepare } from '@ilp/service-core'
import {
  deserializeCcpResponse,
  deserializeCcpRouteControlRequest,
  deserializeCcpRouteControlRequestPayload,
  deserializeCcpRouteUpdateRequest,
} from 'ilp-protocol-ccp'
import { describe, expect, test } from 'vitest'
import {
  CONTROL_ADDRESS,
  ccpResponse,
  controlRequest,
  FEATURES_MAX,
  InvalidCcpError,
  NEW_ROUTES_MAX,
  NO_TABLE,
  PATH_MAX,
  PROPERTIES_MAX,
  type RouteUpdate,
  readControl,
  readUpdate,
  sizeOfRoute,
  UPDATE_ADDRESS,
  updateRequest,
  WITHDRAWN_MAX,
} from './index.js'

const EXPIRES_AT = new Date(Date.now() + 60_000)
const TABLE = '70d1a134a0df4f47964f6e19e2ab3790'

const CONTROL = { mode: 'sync', tableId: TABLE, epoch: 32, features: ['foo', 'bar'] } as const
const ROUTE = {
  prefix: 'test.carol',
  path: ['test.bob', 'test.carol'],
  auth: new Uint8Array(32).fill(9),
  properties: [],
}
const UPDATE: RouteUpdate = {
  tableId: TABLE,
  currentEpoch: 7,
  fromEpoch: 5,
  toEpoch: 6,
  holdDownMs: 45_000,
  speaker: 'test.bob',
  newRoutes: [ROUTE],
  withdrawn: ['test.dave'],
}

/** A packet that is as it should be, but for what is given. */
const packet = (fields: { destination: string; data: Uint8Array; units?: bigint; condition?: Uint8Array }) =>
  Prepare.create({
    units: 0n,
    expiresAt: EXPIRES_AT,
    executionCondition: fields.condition ?? controlRequest(CONTROL, EXPIRES_AT).executionCondition,
    ...fields,
  })

describe('a request', () => {
  test('is for nothing, under the condition of peer protocols, to the peer itself', () => {
    expect(controlRequest(CONTROL, EXPIRES_AT)).toMatchObject({
      units: 0n,
      destination: 'peer.route.control',
      expiresAt: EXPIRES_AT,
    })
    expect(updateRequest(UPDATE, EXPIRES_AT)).toMatchObject({ units: 0n, destination: 'peer.route.update' })
  })

  test('is a whole packet to ilp-protocol-ccp', () => {
    expect(deserializeCcpRouteControlRequest(controlRequest(CONTROL, EXPIRES_AT).toBuffer())).toMatchObject({
      lastKnownEpoch: 32,
      features: ['foo', 'bar'],
    })
    expect(deserializeCcpRouteUpdateRequest(updateRequest(UPDATE, EXPIRES_AT).toBuffer())).toMatchObject({
      speaker: 'test.bob',
      withdrawnRoutes: ['test.dave'],
    })
  })

  test('is fulfilled by the response, which ilp-protocol-ccp takes', () => {
    expect(ccpResponse().fulfills(controlRequest(CONTROL, EXPIRES_AT))).toBe(true)
    expect(deserializeCcpResponse(ccpResponse().toBuffer())).toBeUndefined()
  })

  test('comes back as it was', () => {
    expect(readControl(controlRequest(CONTROL, EXPIRES_AT))).toEqual(CONTROL)
    const { newRoutes, ...rest } = readUpdate(updateRequest(UPDATE, EXPIRES_AT))
    expect(rest).toEqual({ ...UPDATE, newRoutes: undefined })
    expect(newRoutes).toEqual([{ ...ROUTE, auth: Buffer.from(ROUTE.auth) }])
  })

  test('with more octets than it needs is read all the same', () => {
    const data = Buffer.concat([updateRequest(UPDATE, EXPIRES_AT).data, Buffer.from('more')])
    expect(readUpdate(packet({ destination: UPDATE_ADDRESS, data })).speaker).toBe('test.bob')
  })

  test('that ends too early is refused, wherever it ends', () => {
    for (const [whole, read] of [
      [controlRequest(CONTROL, EXPIRES_AT), readControl],
      [updateRequest(UPDATE, EXPIRES_AT), readUpdate],
    ] as const) {
      const { destination, data } = whole
      for (let length = 0; length < data.length; length++) {
        const cut = packet({ destination, data: data.subarray(0, length) })
        expect(() => read(cut)).toThrow(InvalidCcpError)
      }
    }
  })

  test.each([
    ['another destination', { destination: UPDATE_ADDRESS }],
    ['another condition', { condition: new Uint8Array(32) }],
    ['money', { units: 1n }],
  ])('with %s is refused', (_, wrong) => {
    const { data } = controlRequest(CONTROL, EXPIRES_AT)
    expect(() => readControl(packet({ destination: CONTROL_ADDRESS, data, ...wrong }))).toThrow(
      InvalidCcpError,
    )
  })
})

describe('what is no request is not made', () => {
  test.each(['', 'xyz', TABLE.toUpperCase(), `${TABLE}00`])('with the table id %j', tableId => {
    expect(() => controlRequest({ ...CONTROL, tableId }, EXPIRES_AT)).toThrow(InvalidCcpError)
  })

  test('with an auth of another length', () => {
    const newRoutes = [{ ...ROUTE, auth: new Uint8Array(31) }]
    expect(() => updateRequest({ ...UPDATE, newRoutes }, EXPIRES_AT)).toThrow(InvalidCcpError)
  })

  test('with more than a reader takes', () => {
    const features = Array.from({ length: FEATURES_MAX + 1 }, () => '')
    expect(() => controlRequest({ ...CONTROL, features }, EXPIRES_AT)).toThrow(InvalidCcpError)
  })
})

/** An update up to where its routes are counted. */
const head = () =>
  new Writer().writeOctets(Buffer.from(TABLE, 'hex')).writeOctets(Buffer.alloc(16)).writeVarString('test.bob')

/** A route up to where its path is counted. */
const route = () => head().writeVarUInt(1n).writeVarString('test.x')

const data = (writer: Writer, rest = 32_000): Buffer =>
  Buffer.concat([writer.toBuffer(), Buffer.alloc(rest - writer.length)])

describe('a claim is refused before anything is made of it', () => {
  const controlHead = () => new Writer().writeUInt8(1).writeOctets(Buffer.alloc(20))
  const claims: Record<string, (count: bigint) => readonly [string, Buffer]> = {
    features: count => [CONTROL_ADDRESS, data(controlHead().writeVarUInt(count))],
    'new routes': count => [UPDATE_ADDRESS, data(head().writeVarUInt(count))],
    addresses: count => [UPDATE_ADDRESS, data(route().writeVarUInt(count))],
    properties: count => [
      UPDATE_ADDRESS,
      data(route().writeVarUInt(0n).writeOctets(Buffer.alloc(32)).writeVarUInt(count)),
    ],
    withdrawn: count => [UPDATE_ADDRESS, data(head().writeVarUInt(0n).writeVarUInt(count))],
  }
  const limits: Record<string, number> = {
    features: FEATURES_MAX,
    'new routes': NEW_ROUTES_MAX,
    addresses: PATH_MAX,
    properties: PROPERTIES_MAX,
    withdrawn: WITHDRAWN_MAX,
  }
  const read = (destination: string, bytes: Buffer) =>
    (destination === CONTROL_ADDRESS ? readControl : readUpdate)(packet({ destination, data: bytes }))

  test.each(Object.keys(claims))('of too many %s', what => {
    for (const count of [BigInt(limits[what] ?? 0) + 1n, 2n ** 32n, 2n ** 64n, 2n ** 200n]) {
      const [destination, bytes] = claims[what]?.(count) ?? []
      expect(() => read(destination ?? '', bytes ?? Buffer.of())).toThrow(/there are \d+ at most/)
    }
  })

  test('of more than there is room for', () => {
    const bytes = data(head().writeVarUInt(1_000n))
    expect(() => read(UPDATE_ADDRESS, bytes)).toThrow('1000 of what there is no room for')
  })

  test('where ilp-protocol-ccp reads as many as the octets allow', () => {
    const empty = Buffer.alloc(FEATURES_MAX + 1)
    const bytes = Buffer.concat([controlHead().writeVarUInt(BigInt(empty.length)).toBuffer(), empty])
    expect(deserializeCcpRouteControlRequestPayload(bytes).features).toHaveLength(FEATURES_MAX + 1)
    expect(() => read(CONTROL_ADDRESS, bytes)).toThrow(InvalidCcpError)
  })
})

test('the size of a route is never less than what it takes', () => {
  const sizeOf = (update: RouteUpdate) => updateRequest(update, EXPIRES_AT).data.length
  for (const hops of [0, 1, 127, 300]) {
    const some = { ...ROUTE, path: Array.from({ length: hops }, (_, i) => `test.node-${i}`) }
    const taken = sizeOf({ ...UPDATE, newRoutes: [some] }) - sizeOf({ ...UPDATE, newRoutes: [] })
    expect(sizeOfRoute(some)).toBeGreaterThanOrEqual(taken)
    expect(sizeOfRoute(some)).toBeLessThanOrEqual(taken + 2)
  }
})

test('no table has an id of its own', () => {
  expect(readControl(controlRequest({ ...CONTROL, tableId: NO_TABLE }, EXPIRES_AT)).tableId).toBe(NO_TABLE)
})
