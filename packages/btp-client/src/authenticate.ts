import { type Auth, type BtpFrame, BtpFrameError, decodeFrame, encodeAuth, FrameType } from '@ilp/btp-packet'
import type { MessagePort } from '@ilp/btp-pool'

/** How the peer takes an authentication. Refused: it says no. Closed: it says nothing before the port closes. */
export type AuthOutcome = 'accepted' | 'refused' | 'closed'

const REQUEST_ID = 0

/**
 * Authenticates to the server at the other end (RFC 23, 'Authentication'). Calls `settled` once, while the message
 * that decides it is handled: whoever listens to the port from then on misses nothing.
 */
export function authenticate(port: MessagePort, auth: Auth, settled: (outcome: AuthOutcome) => void): void {
  let isSettled = false
  const settle = (outcome: AuthOutcome) => {
    if (isSettled) return
    isSettled = true
    settled(outcome)
  }
  port.listen({
    message: bytes => {
      const frame = decode(bytes)
      // Anything else is no answer to the one request that there is.
      if (frame?.requestId !== REQUEST_ID) return
      if (frame.type === FrameType.RESPONSE) settle('accepted')
      if (frame.type === FrameType.ERROR) settle('refused')
    },
    closed: () => settle('closed'),
  })
  port.send(encodeAuth(REQUEST_ID, auth))
}

function decode(bytes: Buffer): BtpFrame | undefined {
  try {
    return decodeFrame(bytes)
  } catch (error) {
    if (error instanceof BtpFrameError) return undefined
    throw error
  }
}
