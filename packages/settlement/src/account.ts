import type { LedgerAccount } from '@ilp/store-traits'

/** How an account's balance is settled. Amounts are in the account's unit. */
export interface SettlementSettings {
  /** Where the account's engine is: `http` or `https`; the engine's paths (RFC 38) go behind its own. */
  readonly engineUrl: string
  /** Settled once the balance is at or above this. Without it, and without an interval, money only comes in. */
  readonly settleThreshold?: bigint | undefined
  /** What the balance is settled to; 0 unless given. Below 0, the node pays ahead. Not below `minBalance`. */
  readonly settleTo?: bigint | undefined
  /** Besides, whatever is above `settleTo` is settled this often, and when the node starts. */
  readonly settleIntervalMs?: number | undefined
}

export interface SettlementAccount extends LedgerAccount {
  /** Undefined for an account that isn't settled through an engine. */
  readonly settlement?: SettlementSettings | undefined
  /** No settlement begins any more, and no messages pass. Those under way end, and money that comes in is credited. */
  readonly isDisabled?: boolean | undefined
}

/** What timers can wait for. */
const INTERVAL_MS_MAX = 2 ** 31 - 1

/** What is wrong with an account's settings, in words; undefined when it can be settled by them. */
export function faultOf({ settlement, minBalance }: SettlementAccount): string | undefined {
  if (!settlement) return undefined
  const { engineUrl, settleThreshold, settleTo = 0n, settleIntervalMs } = settlement
  if (!isHttp(engineUrl)) return 'engineUrl is no http or https URL'
  if (minBalance !== undefined && settleTo < minBalance) return 'settleTo is below minBalance'
  if (settleThreshold !== undefined && settleThreshold < settleTo) return 'settleThreshold is below settleTo'
  if (settleIntervalMs === undefined) return undefined
  const isInterval =
    Number.isSafeInteger(settleIntervalMs) && settleIntervalMs > 0 && settleIntervalMs <= INTERVAL_MS_MAX
  return isInterval ? undefined : `settleIntervalMs is not in 1..${INTERVAL_MS_MAX}`
}

const isHttp = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
