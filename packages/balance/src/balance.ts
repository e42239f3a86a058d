import {
  connectorBusy,
  insufficientLiquidity,
  internalError,
  isFulfill,
  type OutgoingRequest,
  type Pass,
  type Reply,
  type Service,
} from '@ilp/service-core'
import { Hold, type Ledger, type LedgerAccount, type Refusal } from '@ilp/store-traits'

/** Its limits are in its own unit, and count at the moment of a packet. */
export type BalanceAccount = LedgerAccount

export interface BalanceDeps {
  /** Open while packets are. Whoever made it starts it before the chain and stops it behind. */
  readonly ledger: Pick<Ledger, 'ready' | 'reserve' | 'commit' | 'release'>
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /**
   * Told of each account that the node may owe more than before, less what is held of it: `to` once a packet's commit
   * is booked or journaled, `from` once a hold is on its way back. Called for every packet; must not throw.
   */
  readonly onBooked?: (account: BalanceAccount) => void
}

export interface BalanceOptions {
  /** How long before the incoming deadline a Fulfill is relayed at the latest: the time to journal it and to send it. */
  readonly commitMarginMs: number
  /** The incoming deadline counts as no further away than this: the longest hold, and the time for the way back. */
  readonly maxHoldMs: number
}

export const BALANCE_DEFAULTS: BalanceOptions = { commitMarginMs: 500, maxHoldMs: 31_000 }

/**
 * Moves a packet's money from the account that it came from to the one that it goes to, through the ledger: every
 * packet that is passed on has its amounts reserved, and every reserve ends in exactly one commit or release.
 *
 * A Fulfill is relayed when it is booked or, `commitMarginMs` before the incoming deadline, journaled: never turned
 * into a Reject, since the next hop has been paid. A packet without money passes by the ledger.
 * @throws RangeError when an option is no whole number of milliseconds in its range
 */
export function balance(
  { ledger, address, onBooked = () => {} }: BalanceDeps,
  options: Partial<BalanceOptions> = {},
): Pass<OutgoingRequest<BalanceAccount>> {
  const { commitMarginMs, maxHoldMs } = { ...BALANCE_DEFAULTS, ...options }
  for (const [name, value] of Object.entries({ commitMarginMs, maxHoldMs })) {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number from 0 up`)
    }
  }

  const transact = async <Request extends OutgoingRequest<BalanceAccount>>(
    request: Request,
    inner: Service<Request>,
  ): Promise<Reply> => {
    const { from, incomingAmount, to, prepare } = request
    const byMs = Math.min(prepare.expiresAtMs, Date.now() + maxHoldMs) - commitMarginMs
    const hold = await ledger.reserve({ from, incomingAmount, to, amount: prepare.units }, byMs)
    if (!(hold instanceof Hold)) return REFUSALS[hold](address())
    let reply: Reply
    try {
      reply = await inner.call(request)
    } catch (error) {
      ledger.release(hold)
      onBooked(from)
      throw error
    }
    if (isFulfill(reply)) {
      await ledger.commit(hold, byMs)
      onBooked(to)
    } else {
      ledger.release(hold)
      onBooked(from)
    }
    return reply
  }

  return inner => ({
    ready: async signal => {
      await ledger.ready(signal)
      await inner.ready(signal)
    },
    call: request =>
      request.incomingAmount === 0n && request.prepare.units === 0n
        ? inner.call(request)
        : transact(request, inner),
  })
}

/** What the sender is told. The amounts and the limits of a balance are nobody else's business. */
const REFUSALS: Record<Refusal, (triggeredBy: string) => Reply> = {
  'below-minimum': by => insufficientLiquidity(by, 'the balance of the sending account does not allow this'),
  'above-maximum': by => insufficientLiquidity(by, 'the balance with the next hop does not allow this'),
  unavailable: by => internalError(by, 'balances are out of reach'),
  overloaded: by => connectorBusy(by, 'too many packets are in flight'),
}
