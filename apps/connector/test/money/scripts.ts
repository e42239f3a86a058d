import { createHash } from 'node:crypto'
import { encodeFrame, encodeIlp, encodeRefusal, FrameType } from '@ilp/btp-packet'
import { Fulfill, type Prepare } from '@ilp/service-core'
import { testReject } from '@ilp/service-testing'

/** What becomes of a packet that gets to its receiver, and what its sender hears then. */
export interface Ending {
  /** Whether the receiver fulfils it in time, with what fits the condition, before it says anything else. */
  readonly isPaid: boolean
  /** What the sender hears; one of these. */
  readonly heard: readonly string[]
  /** Whether a fulfillment that fits comes after the deadline. */
  readonly isLate?: boolean
}

/** What the sender hears of a packet whose time is over: somewhere on its way, or, most of the time, in the end. */
export const TIMED_OUT: readonly string[] = ['R00', 'R02', 'T00']

const paid: Ending = { isPaid: true, heard: ['fulfilled'] }
const unpaid = (...heard: string[]): Ending => ({ isPaid: false, heard })

/** What receivers do, whatever their link. */
const ANY_LINK = {
  fulfil: paid,
  fulfilLater: paid,
  reject: unpaid('F99'),
  wrongFulfillment: unpaid('F05'),
  noPacket: unpaid('T00'),
  silence: unpaid(...TIMED_OUT),
  lateFulfil: { ...unpaid(...TIMED_OUT), isLate: true },
} as const

export const ON_BTP = {
  ...ANY_LINK,
  fulfilTwice: paid,
  fulfilThenReject: paid,
  rejectThenFulfil: unpaid('F99'),
  wrongThenRight: unpaid('F05'),
  btpError: unpaid('T00'),
  errorThenFulfil: unpaid('T00'),
  emptyResponse: unpaid('T00'),
  strayThenFulfil: paid,
  /** As the Rust node answers. */
  fulfilInMessage: paid,
} as const satisfies Record<string, Ending>

export const ON_HTTP = {
  ...ANY_LINK,
  serverError: unpaid('T00'),
  tooMany: unpaid('T03'),
  notFound: unpaid('T01'),
  connectionCut: unpaid('T01'),
} as const satisfies Record<string, Ending>

/** For packets that wait at their receiver until the test has done something to a connection. */
export const HELD = 'held'
/** For packets that are fulfilled when they arrive long enough before their deadline, and not answered otherwise. */
export const EARLY = 'early'

export type Script = keyof typeof ON_BTP | keyof typeof ON_HTTP | typeof HELD | typeof EARLY

const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The preimage of a packet's condition; its data begins with its number. */
export const fulfillmentOf = (number: number): Buffer => sha256('fulfillment', String(number))
export const conditionOf = (number: number): Buffer => sha256(fulfillmentOf(number))
export const numberOf = (prepare: Prepare): number => prepare.data.readUInt32BE()

export const fulfillFor = (prepare: Prepare): Fulfill =>
  Fulfill.create({ fulfillment: fulfillmentOf(numberOf(prepare)), data: prepare.data })

export const wrongFulfill = (): Fulfill =>
  Fulfill.create({ fulfillment: Buffer.alloc(32, 9), data: Buffer.alloc(0) })

/** How long behind its deadline a late answer is sent. */
export const LATE_MS = 30
/** The time before its deadline in which an `EARLY` packet isn't fulfilled any more. */
export const EARLY_MS = 700
/** How long `fulfilLater` takes. */
export const LATER_MS = 20

const NO_PACKET = {
  byteLength: 5,
  copyTo: (target: Buffer, offset: number) => offset + target.write('hello', offset),
}

/** What a BTP receiver sends, frame by frame, in answer to a request. */
export function btpAnswer(script: Script, prepare: Prepare, id: number): Buffer[] {
  const respond = (packet: Parameters<typeof encodeIlp>[2]) => encodeIlp(FrameType.RESPONSE, id, packet)
  const right = fulfillFor(prepare)
  switch (script) {
    case 'fulfilTwice':
      return [respond(right), respond(right)]
    case 'fulfilThenReject':
      return [respond(right), respond(testReject())]
    case 'reject':
      return [respond(testReject())]
    case 'rejectThenFulfil':
      return [respond(testReject()), respond(right)]
    case 'wrongFulfillment':
      return [respond(wrongFulfill())]
    case 'wrongThenRight':
      return [respond(wrongFulfill()), respond(right)]
    case 'noPacket':
      return [respond(NO_PACKET)]
    case 'btpError':
      return [encodeRefusal(id, 'F00', 'no')]
    case 'errorThenFulfil':
      return [encodeRefusal(id, 'F00', 'no'), respond(right)]
    case 'emptyResponse':
      return [encodeFrame({ type: FrameType.RESPONSE, requestId: id, protocolData: [] })]
    case 'strayThenFulfil':
      return [encodeIlp(FrameType.RESPONSE, (id ^ 0x4000_0000) >>> 0, right), respond(right)]
    case 'fulfilInMessage':
      return [encodeIlp(FrameType.MESSAGE, id, right)]
    default:
      return [respond(right)]
  }
}

/** What an HTTP receiver answers, or that it cuts the connection. */
export function httpAnswer(script: Script, prepare: Prepare): { status: number; body: Buffer } | 'cut' {
  switch (script) {
    case 'reject':
      return { status: 200, body: testReject().toBuffer() }
    case 'wrongFulfillment':
      return { status: 200, body: wrongFulfill().toBuffer() }
    case 'noPacket':
      return { status: 200, body: Buffer.from('hello') }
    case 'serverError':
      return { status: 500, body: Buffer.alloc(0) }
    case 'tooMany':
      return { status: 429, body: Buffer.alloc(0) }
    case 'notFound':
      return { status: 404, body: Buffer.alloc(0) }
    case 'connectionCut':
      return 'cut'
    default:
      return { status: 200, body: fulfillFor(prepare).toBuffer() }
  }
}
