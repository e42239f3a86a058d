import { type BtpFrame, decodeFrame } from '@ilp/btp-packet'
import type { CloseReason, MessagePort, PortListener } from '../src/index.js'

/** A port whose other end is the test. */
export class TestPort implements MessagePort {
  /** What `unsentBytes` says. */
  unsent = 0
  /** Why it was closed by its owner. */
  reason: CloseReason | undefined
  readonly #sent: Buffer[] = []
  #listener: PortListener | undefined
  #isClosed = false

  listen(listener: PortListener): void {
    this.#listener = listener
  }

  send(bytes: Buffer): void {
    if (!this.reason && !this.#isClosed) this.#sent.push(bytes)
  }

  unsentBytes(): number {
    return this.unsent
  }

  close(reason: CloseReason): void {
    if (this.reason || this.#isClosed) return
    this.reason = reason
    queueMicrotask(() => this.drop())
  }

  /** A message of the peer. */
  receive(bytes: Buffer): void {
    if (!this.reason && !this.#isClosed) this.#listener?.message(bytes)
  }

  /** The connection is gone. */
  drop(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#listener?.closed()
  }

  /** Whether anything was sent since the last look. */
  get hasSent(): boolean {
    return this.#sent.length > 0
  }

  /** The frames that were sent since the last look. */
  frames(): BtpFrame[] {
    return this.#sent.splice(0).map(decodeFrame)
  }

  /** The one frame that was sent since the last look. */
  frame(): BtpFrame {
    const frames = this.frames()
    if (frames.length !== 1) throw new Error(`${frames.length} frames were sent`)
    return frames[0] as BtpFrame
  }
}
