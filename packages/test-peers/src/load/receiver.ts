import { Fulfill } from '@ilp/service-core'
import { BTP_MESSAGE, BTP_RESPONSE, btpPacket, REQUEST_ID_AT } from './btp-message.js'
import { type BtpPeer, BtpSocket } from './btp-socket.js'
import { FrameTemplate } from './frame-template.js'
import { FULFILLMENT } from './prepare-template.js'

/** Answers each BTP Message with a Fulfill, all those of one read with one write. */
export class Receiver {
  readonly socket: BtpSocket
  readonly #answer = new FrameTemplate(
    btpPacket(BTP_RESPONSE, {
      ilp: Fulfill.create({ fulfillment: FULFILLMENT, data: Buffer.alloc(0) }).toBuffer(),
    }),
  )
  /** Ids of the requests of one read. */
  readonly #ids: number[] = []
  #delivered = 0

  constructor(peer: BtpPeer) {
    this.socket = new BtpSocket(peer, {
      packet: (bytes, at) => {
        if (bytes[at] === BTP_MESSAGE) this.#ids.push(bytes.readUInt32BE(at + REQUEST_ID_AT))
      },
      read: () => this.#fulfil(),
    })
  }

  /** Prepares that have come so far, whatever they were for. */
  get delivered(): number {
    return this.#delivered
  }

  #fulfil(): void {
    const ids = this.#ids
    if (ids.length === 0) return
    this.#delivered += ids.length
    const batch = Buffer.allocUnsafe(ids.length * this.#answer.length)
    let at = 0
    for (const id of ids) {
      this.#answer.copyTo(batch, at)
      this.#answer.setUInt32(batch, at, REQUEST_ID_AT, id)
      at += this.#answer.length
    }
    ids.length = 0
    this.socket.write(batch)
  }
}
