import { encodeFrame } from './encode.js'
import { FrameType } from './frame.js'

/** Those of the errors in RFC 23 that say of a whole request that it was not processed. */
const NAMES = {
  T00: 'UnreachableError',
  F00: 'NotAcceptedError',
} as const

/** T00: not now, perhaps later. F00: not acceptable. */
export type RefusalCode = keyof typeof NAMES

/** An Error, triggered now, that says for people why the request was not processed. */
export const encodeRefusal = (requestId: number, code: RefusalCode, reason: string): Buffer =>
  encodeFrame({
    type: FrameType.ERROR,
    requestId,
    code,
    name: NAMES[code],
    triggeredAt: new Date(),
    data: Buffer.from(reason),
    protocolData: [],
  })
