import {
  BtpFrameError,
  decodeFrame,
  encodeFrame,
  encodeRefusal,
  FrameType,
  frameRequestId,
  type RefusalCode,
  readAuth,
} from '@ilp/btp-packet'
import type { MessagePort } from '@ilp/btp-pool'
import type { AccountId } from '@ilp/service-core'

/** Why a client is not let in: as a BTP Error says it, to the request of this id. */
export interface Refusal {
  readonly code: RefusalCode
  readonly reason: string
}

/** What the client says of itself. */
export interface Claim {
  readonly token: string
  /** From the path and from `auth_username`, as far as they are there: all of them have to be the account's. */
  readonly usernames: readonly string[]
}

export interface ReceptionDeps {
  /** Whose claim this is, or why nobody's. */
  readonly judge: (claim: Claim) => AccountId | Refusal
  /** Takes over the port of a client that has authenticated. */
  readonly admit: (account: AccountId, port: MessagePort, token: string) => void
  readonly refused: (refusal: Refusal) => void
  readonly authTimeoutMs: number
}

/** Sockets whose clients have not authenticated (RFC 23, 'Authentication'). */
export class Reception {
  readonly #deps: ReceptionDeps
  readonly #ports = new Set<MessagePort>()

  constructor(deps: ReceptionDeps) {
    this.#deps = deps
  }

  /** Those that are open, the refused ones as well until they are closed. */
  get size(): number {
    return this.#ports.size
  }

  /** @param username the account that the path names */
  enter(port: MessagePort, username: string | undefined): void {
    this.#ports.add(port)
    const timeout = setTimeout(
      () => this.#refuse(port, 0, { code: 'F00', reason: 'no auth message in time' }),
      this.#deps.authTimeoutMs,
    )
    port.listen({
      message: bytes => {
        clearTimeout(timeout)
        this.#take(port, bytes, username)
      },
      closed: () => {
        clearTimeout(timeout)
        this.#ports.delete(port)
      },
    })
  }

  closeAll(): void {
    for (const port of this.#ports) port.close('going-away')
  }

  /** The first message of a client: the only one that it has before it is admitted or refused. */
  #take(port: MessagePort, bytes: Buffer, pathUsername: string | undefined): void {
    try {
      const frame = decodeFrame(bytes)
      const auth = readAuth(frame)
      if (typeof auth === 'string') {
        this.#refuse(port, frame.requestId, { code: 'F00', reason: auth })
        return
      }
      const usernames = [pathUsername, auth.username].filter(name => name !== undefined)
      const verdict = this.#deps.judge({ token: auth.token, usernames })
      if (typeof verdict !== 'string') {
        this.#refuse(port, frame.requestId, verdict)
        return
      }
      this.#ports.delete(port)
      port.send(encodeFrame({ type: FrameType.RESPONSE, requestId: frame.requestId, protocolData: [] }))
      this.#deps.admit(verdict, port, auth.token)
    } catch (error) {
      if (!(error instanceof BtpFrameError)) throw error
      // RFC 23, 'Flow': nothing is sent to an unreadable frame.
      if (error.code === 'ERR_BTP_UNREADABLE') port.close('violation')
      else this.#refuse(port, frameRequestId(bytes), { code: 'F00', reason: error.message })
    }
  }

  #refuse(port: MessagePort, requestId: number, refusal: Refusal): void {
    this.#deps.refused(refusal)
    port.send(encodeRefusal(requestId, refusal.code, refusal.reason))
    port.close('violation')
  }
}
