/** What alerts are about; also the types of the events that webhooks get. */
export const ALERT_KINDS = [
  'balance-near-limit',
  'link-down',
  'settlement-stuck',
  'reconciliation-needed',
  'store-out-of-reach',
] as const

export type AlertKind = (typeof ALERT_KINDS)[number]
