import type { Load, Sent } from '@ilp/stream-path'
import type { Draft } from './composer.js'

/** What a packet is for. */
export type Purpose = 'frames' | 'probe' | 'close'

export interface PacketLoad extends Load, Pick<Draft, 'notices' | 'money' | 'data'> {
  readonly purpose: Purpose
}

/** A packet that was sent. */
export type Packet = Sent<PacketLoad>
