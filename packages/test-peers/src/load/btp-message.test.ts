import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { BTP_MESSAGE, BTP_RESPONSE, btpPacket, ilpPacketAt } from './btp-message.js'

interface NpmBtpPacket {
  readonly deserialize: (bytes: Buffer) => unknown
}
const npm = createRequire(import.meta.url)('btp-packet') as NpmBtpPacket

describe('btpPacket', () => {
  it('is what npm reads as text and bytes', () => {
    expect(npm.deserialize(btpPacket(BTP_MESSAGE, { auth: Buffer.alloc(0), auth_token: 'tök' }))).toEqual({
      type: BTP_MESSAGE,
      requestId: 0,
      data: {
        protocolData: [
          { protocolName: 'auth', contentType: 0, data: Buffer.alloc(0) },
          { protocolName: 'auth_token', contentType: 1, data: Buffer.from('tök') },
        ],
      },
    })
  })
})

describe('ilpPacketAt', () => {
  it.each([1, 100, 127, 128, 300])('finds an ILP packet of %i bytes', length => {
    const ilp = Buffer.alloc(length, 13)
    const frame = Buffer.concat([Buffer.alloc(3), btpPacket(BTP_RESPONSE, { ilp })])
    expect(ilpPacketAt(frame, 3, frame.length)).toBe(frame.length - length)
  })

  it.each([{}, { custom: 'ilp' }, { auth: Buffer.alloc(0) }, { ilp: Buffer.alloc(0) }])(
    'finds none in %j',
    subProtocols => {
      const packet = btpPacket(BTP_RESPONSE, subProtocols)
      expect(ilpPacketAt(packet, 0, packet.length)).toBe(-1)
    },
  )
})
