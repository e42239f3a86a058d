import {
  type AccountId,
  Deadlines,
  type Disposable,
  type Logger,
  lifecycle,
  type Prepare,
  type Reply,
  silentLogger,
} from '@ilp/service-core'
import { type BtpPoolOptions, checkOptions } from './options.js'
import type { MessagePort } from './port.js'
import { type PrepareHandler, Session, type SessionHost } from './session.js'
import { UnderWay } from './under-way.js'

/** For how long a stop waits for ports to close. */
const CLOSE_MAX_MS = 2_000

export interface BtpPoolDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly logger?: Logger
  /** In place of deadlines of its own, so that one timer serves several parts. */
  readonly deadlines?: Deadlines
}

/** Why a packet could not be sent at all. */
export type SendRefusal =
  /** The account has no session. */
  | 'no-session'
  /** None of its sessions takes more for now. */
  | 'saturated'

/** The links of one account, as they are now. */
export interface BtpLinkStats {
  readonly account: AccountId
  readonly sessions: number
  /** Requests that wait for an answer. */
  readonly pending: number
  readonly unsentBytes: number
}

/** A session, as whoever added it sees it. */
export interface BtpLink {
  /** Resolves when its port is closed. */
  readonly closed: Promise<void>
  /** Ends the session, whose requests are answered with T01, and closes its port. */
  readonly close: () => void
}

/** Open BTP sessions, by account. Its `stop` closes them. */
export interface BtpPool extends Disposable {
  /** Makes a session of a port whose peer has proved to be the account's. The pool owns the port from here on. */
  readonly add: (account: AccountId, port: MessagePort) => BtpLink
  /** The number of sessions that the account has. */
  readonly count: (account: AccountId) => number
  /**
   * Sends a Prepare on one of the account's sessions. The promise settles with the peer's answer, also with one that
   * comes up to `lateAnswerMs` behind the packet's expiry; otherwise with T01 when the session closes, T00 when the
   * peer can't process it, R00 in the end. It never rejects.
   */
  readonly send: (to: AccountId, prepare: Prepare) => Promise<Reply> | SendRefusal
  /**
   * Has the Prepares of all peers answered by `handler`, those of other sessions yet to come as well. Until then,
   * and after the function that it returns has been called, they are answered with T03. That function resolves when
   * the packets that the handler has taken are answered, or after `drainTimeoutMs`.
   * @throws Error while another handler serves
   */
  readonly serve: (handler: PrepareHandler) => () => Promise<void>
  /** Closes the account's sessions. */
  readonly closeAccount: (account: AccountId) => void
  /** Accounts that have sessions, in no order. */
  readonly stats: () => readonly BtpLinkStats[]
}

/** Sessions of any number of accounts. Nothing has to be started. */
export function createBtpPool(deps: BtpPoolDeps, options: Partial<BtpPoolOptions> = {}): BtpPool {
  const sessions = new Map<AccountId, Session[]>()
  /** Ports that have not closed. */
  const ports = new UnderWay()
  let isStopped = false
  let drainUntilMs: number | undefined

  const host: SessionHost = {
    address: deps.address,
    logger: deps.logger ?? silentLogger,
    deadlines: deps.deadlines ?? new Deadlines(),
    options: checkOptions(options),
    handler: undefined,
    pending: new UnderWay(),
    answering: new UnderWay(),
    ended: session => {
      const rest = sessions.get(session.account)?.filter(other => other !== session) ?? []
      if (rest.length > 0) sessions.set(session.account, rest)
      else sessions.delete(session.account)
    },
  }

  /** Waits for what is under way. The time for it counts from when the first Prepare was refused. */
  const drained = (underWay: UnderWay) => {
    drainUntilMs ??= performance.now() + host.options.drainTimeoutMs
    return underWay.idle(Math.max(0, drainUntilMs - performance.now()))
  }

  const life = lifecycle({
    start: async () => {},
    stop: async () => {
      host.handler = undefined
      await Promise.all([drained(host.pending), drained(host.answering)])
      isStopped = true
      for (const session of [...sessions.values()].flat()) session.close('going-away')
      await ports.idle(CLOSE_MAX_MS)
    },
  })

  return {
    ...life,
    add: (account, port) => {
      const session = new Session(account, port, host)
      sessions.set(account, [...(sessions.get(account) ?? []), session])
      ports.begin()
      void session.whenClosed.then(() => ports.end())
      port.listen(session)
      if (isStopped) session.close('going-away')
      return { closed: session.whenClosed, close: () => session.close('going-away') }
    },
    count: account => sessions.get(account)?.length ?? 0,
    send: (to, prepare) => {
      const candidates = sessions.get(to)
      if (!candidates) return 'no-session'
      return leastBusy(candidates)?.request(prepare) ?? 'saturated'
    },
    serve: handler => {
      if (host.handler) throw new Error('another handler serves the pool')
      host.handler = handler
      drainUntilMs = undefined
      return () => {
        if (host.handler === handler) host.handler = undefined
        return drained(host.answering)
      }
    },
    closeAccount: account => {
      for (const session of sessions.get(account) ?? []) session.close('going-away')
    },
    stats: () =>
      Array.from(sessions, ([account, ofAccount]) => ({
        account,
        sessions: ofAccount.length,
        pending: ofAccount.reduce((sum, session) => sum + session.pending, 0),
        unsentBytes: ofAccount.reduce((sum, session) => sum + session.port.unsentBytes(), 0),
      })),
  }
}

/** The session with the fewest requests waiting: one whose peer has gone silent soon has the most. */
function leastBusy(sessions: readonly Session[]): Session | undefined {
  let best: Session | undefined
  for (const session of sessions) {
    if (session.takesRequests && (!best || session.pending < best.pending)) best = session
  }
  return best
}
