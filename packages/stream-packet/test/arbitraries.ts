import fc from 'fast-check'
import { type Frame, FrameType, IlpPacketType, type StreamPacket } from '../src/index.js'

const uint8 = fc.nat(255)
/** All sizes alike: a plain 64-bit integer would nearly always have eight bytes. */
export const uint64 = fc.nat(64).chain(bits => fc.bigInt(0n, 2n ** BigInt(bits) - 1n))
const text = fc.oneof(
  fc.constant(''),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ minLength: 120, maxLength: 140 }),
)
const octets = fc
  .oneof(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ minLength: 120, maxLength: 300 }))
  .map(array => Buffer.from(array))

const of = <Type extends number, Fields extends object>(type: Type, fields: fc.Arbitrary<Fields>) =>
  fields.map(values => ({ type, ...values }))

export const frame: fc.Arbitrary<Frame> = fc.oneof(
  of(FrameType.ConnectionClose, fc.record({ errorCode: uint8, errorMessage: text })),
  of(
    FrameType.ConnectionNewAddress,
    fc.record({ sourceAddress: fc.constantFrom('', 'test.alice', 'g.a.b~c') }),
  ),
  of(FrameType.ConnectionMaxData, fc.record({ maxOffset: uint64 })),
  of(FrameType.ConnectionDataBlocked, fc.record({ maxOffset: uint64 })),
  of(FrameType.ConnectionMaxStreamId, fc.record({ maxStreamId: uint64 })),
  of(FrameType.ConnectionStreamIdBlocked, fc.record({ maxStreamId: uint64 })),
  of(FrameType.ConnectionAssetDetails, fc.record({ sourceAssetCode: text, sourceAssetScale: uint8 })),
  of(FrameType.StreamClose, fc.record({ streamId: uint64, errorCode: uint8, errorMessage: text })),
  of(FrameType.StreamMoney, fc.record({ streamId: uint64, shares: uint64 })),
  of(FrameType.StreamMaxMoney, fc.record({ streamId: uint64, receiveMax: uint64, totalReceived: uint64 })),
  of(FrameType.StreamMoneyBlocked, fc.record({ streamId: uint64, sendMax: uint64, totalSent: uint64 })),
  of(FrameType.StreamData, fc.record({ streamId: uint64, offset: uint64, data: octets })),
  of(FrameType.StreamMaxData, fc.record({ streamId: uint64, maxOffset: uint64 })),
  of(FrameType.StreamDataBlocked, fc.record({ streamId: uint64, maxOffset: uint64 })),
  of(FrameType.StreamReceipt, fc.record({ streamId: uint64, receipt: octets })),
)

export const ilpPacketType = fc.constantFrom(
  IlpPacketType.Prepare,
  IlpPacketType.Fulfill,
  IlpPacketType.Reject,
)

export const streamPacket: fc.Arbitrary<StreamPacket> = fc.record({
  ilpPacketType,
  sequence: uint64,
  prepareAmount: uint64,
  frames: fc.array(frame, { maxLength: 6 }),
})
