export interface WebhooksOptions {
  /** Events that wait for one receiver; the oldest is dropped for one more. */
  readonly waitingMax: number
  /** How often one event is posted, at the most. */
  readonly attemptsMax: number
  /** The longest pause behind the first attempt. It doubles with each further one; half of it is random. */
  readonly retryMinMs: number
  /** The longest pause of all. */
  readonly retryMaxMs: number
  /** How long one attempt may take. */
  readonly timeoutMs: number
  /** How long `stop` waits for what is not delivered yet. */
  readonly stopTimeoutMs: number
}

export const WEBHOOKS_DEFAULTS: WebhooksOptions = Object.freeze({
  waitingMax: 1_000,
  attemptsMax: 12,
  retryMinMs: 1_000,
  retryMaxMs: 300_000,
  timeoutMs: 5_000,
  stopTimeoutMs: 1_000,
})

/** @throws RangeError when an option is no whole number above 0 */
export function checkOptions(options: WebhooksOptions): WebhooksOptions {
  for (const [name, value] of Object.entries(options)) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  return options
}
