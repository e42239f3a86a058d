import {
  type AccountId,
  badRequest,
  connectorBusy,
  type IncomingRequest,
  insufficientTimeout,
  internalError,
  type Pass,
  peerUnreachable,
  type Reply,
  unreachable,
} from '@ilp/service-core'
import type { SettlementAccount } from './account.js'
import { type EngineClient, isAnswer, isDone, isRefused } from './engine-client.js'
import { checkOptions } from './options.js'
import { isMessageCondition, messageFulfill, SETTLE_ADDRESS } from './peer-settle.js'

export interface SettlementDeps {
  readonly engines: Pick<EngineClient, 'message'>
}

export interface SettlementOptions {
  /** Messages of one peer that its engine has not answered yet; more get T03. */
  readonly messagesMax: number
}

export const SETTLEMENT_DEFAULTS: SettlementOptions = Object.freeze({ messagesMax: 16 })

/** How long before the packet's expiry the engine has to have answered, so that the reply gets back in time. */
const REPLY_MARGIN_MS = 50

/**
 * Answers packets to `peer.settle`, in which the peer's settlement engine says something to ours (RFC 38): hands the
 * message to the engine of the account that it came from, and replies with the engine's answer. Such a packet is never
 * passed on; all others are.
 * @throws RangeError when an option is no whole number above 0
 */
export function settlement(
  { engines }: SettlementDeps,
  options: Partial<SettlementOptions> = {},
): Pass<IncomingRequest<SettlementAccount>> {
  const { messagesMax } = checkOptions({ ...SETTLEMENT_DEFAULTS, ...options })
  const underWay = new Map<AccountId, number>()

  const answer = async ({ from, prepare }: IncomingRequest<SettlementAccount>): Promise<Reply> => {
    const engineUrl = from.isDisabled ? undefined : from.settlement?.engineUrl
    if (engineUrl === undefined) return unreachable(SETTLE_ADDRESS, 'no settlement engine for this account')
    if (prepare.units !== 0n) return badRequest(SETTLE_ADDRESS, 'a settlement message carries no money')
    if (!isMessageCondition(prepare)) {
      return badRequest(SETTLE_ADDRESS, 'not the condition of settlement messages')
    }
    const timeoutMs = prepare.expiresAtMs - Date.now() - REPLY_MARGIN_MS
    if (timeoutMs <= 0) return insufficientTimeout(SETTLE_ADDRESS, 'too little time to ask the engine')
    const count = underWay.get(from.id) ?? 0
    if (count >= messagesMax) return connectorBusy(SETTLE_ADDRESS, 'too many messages wait for the engine')
    underWay.set(from.id, count + 1)
    try {
      return await ask(engineUrl, from.id, prepare.data, timeoutMs)
    } finally {
      const left = (underWay.get(from.id) as number) - 1
      if (left === 0) underWay.delete(from.id)
      else underWay.set(from.id, left)
    }
  }

  const ask = async (engineUrl: string, account: AccountId, message: Buffer, timeoutMs: number) => {
    const reply = await engines.message(engineUrl, account, message, timeoutMs)
    if (!isAnswer(reply)) return peerUnreachable(SETTLE_ADDRESS, 'the settlement engine does not answer')
    const { status, body } = reply
    if (isDone(reply)) return messageFulfill(body)
    const detail = `the settlement engine answered with status ${status}`
    return (isRefused(reply) ? badRequest : internalError)(SETTLE_ADDRESS, detail, body)
  }

  return inner => ({
    ready: inner.ready,
    call: request => (request.prepare.destination === SETTLE_ADDRESS ? answer(request) : inner.call(request)),
  })
}
