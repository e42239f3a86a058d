import type { Reject } from '@ilp/service-core'
import type { ReceivedStreamPacket } from '@ilp/stream-packet'
import { type Draft, emptyDraft } from './composer.js'
import type { End } from './end.js'
import type { Packet } from './packets.js'

/** Pauses after all amounts were tried in vain. */
const AGAIN_MS_MIN = 100
const AGAIN_MS_MAX = 4_000

/** Finds out the path before the first money is sent, with packets that nobody can fulfill. */
export class Probing {
  /** Whether it is to be found out even if no money is to be sent. */
  isWanted = false
  /** Times that all was tried which can be. */
  rounds = 0
  /** When all is tried again. */
  againAtMs = 0
  readonly #end: End
  readonly #send: (draft: Draft, destination: string) => void
  #againMs = AGAIN_MS_MIN
  #waiting = 0

  constructor(end: End, send: (draft: Draft, destination: string) => void) {
    this.#end = end
    this.#send = send
  }

  /** Sends the next probes if there is a reason to. The other end is reachable. */
  advance(nowMs: number): void {
    const { path, peer } = this.#end
    if (path.minimum || this.#waiting > 0 || nowMs < this.againAtMs) return
    if (!this.isWanted && !this.#hasMoney) return
    const amounts = path.nextProbes()
    if (amounts.length > 0) {
      for (const amount of amounts) this.#send({ ...emptyDraft(), amount }, peer.address as string)
      this.#waiting = amounts.length
      return
    }
    this.rounds += 1
    this.isWanted = false
    path.settle()
    if (path.minimum) return
    path.restartProbes()
    this.againAtMs = nowMs + this.#againMs
    this.#againMs = Math.min(this.#againMs * 2, AGAIN_MS_MAX)
  }

  onReject(
    { amount, isLost }: Packet,
    { code, data }: Reject,
    words: ReceivedStreamPacket | undefined,
  ): void {
    if (words) this.#end.path.observe(amount, words.prepareAmount)
    else if (code === 'F08') this.#end.path.tooLarge(amount, data)
    else if (code === 'R01') this.#end.path.nothingLeft(amount)
    if (!isLost) this.#waiting -= 1
  }

  onLost(): void {
    this.#waiting -= 1
  }

  get #hasMoney(): boolean {
    for (const { money } of this.#end.streams.values()) if (money.left > 0n) return true
    return false
  }
}
