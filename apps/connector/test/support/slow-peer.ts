import { isFulfill, Prepare } from '@ilp/service-core'
import { testReject } from '@ilp/service-testing'
import type { Plugin } from '@ilp/test-peers'
import type { RunningConnector } from './connector.js'
import { tokenOf } from './face.js'
import { post } from './packets.js'

/** A peer that passes packets on to `far`, one after another, and stops in the middle. */
export class SlowPeer {
  #held = 0
  #look = () => {}
  /** Rejects what is held, and what comes, with what may pass later: it is for others to end the payment. */
  release = () => {}

  /** @param passing how many packets are fulfilled; the others wait until `release` */
  constructor(plugin: Plugin, far: RunningConnector, passing: number) {
    const released = new Promise<void>(resolve => {
      this.release = resolve
    })
    let fulfilled = 0
    const take = async (bytes: Buffer, answer: (reply: Buffer) => void): Promise<void> => {
      if (fulfilled === passing) {
        this.#held += 1
        this.#look()
        void released.then(() => answer(testReject({ code: 'T00' }).toBuffer()))
        return
      }
      const reply = await post(far.ilpUrl('near'), tokenOf('near'), Prepare.decode(bytes))
      if (isFulfill(reply)) fulfilled += 1
      answer(reply.toBuffer())
    }
    let last: Promise<unknown> = Promise.resolve()
    plugin.registerDataHandler(
      bytes =>
        new Promise(answer => {
          last = last.then(() => take(bytes, answer))
        }),
    )
  }

  /** Settles when packets are held. */
  async holds(): Promise<void> {
    while (this.#held === 0) {
      await new Promise<void>(resolve => {
        this.#look = resolve
      })
    }
  }
}
