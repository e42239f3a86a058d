import { ContentType, decodeFrame, encodeFrame, encodeIlp, FrameType, readIlp } from '@ilp/btp-packet'
import { Prepare } from '@ilp/service-core'

/** Any frame, in both directions. */
export function nameOfPrimary(): string | undefined {
  const bytes = encodeFrame({
    type: FrameType.MESSAGE,
    requestId: 1,
    protocolData: [
      { protocolName: 'balance', contentType: ContentType.JSON, data: Buffer.from('{"balance":"5"}') },
    ],
  })
  return decodeFrame(bytes).protocolData[0]?.protocolName
}

/** The short way of an ILP packet: from one frame into another. */
export function forward(received: Buffer, requestId: number): Buffer | undefined {
  const packet = readIlp(received)
  return packet && encodeIlp(FrameType.MESSAGE, requestId, Prepare.decode(packet))
}
