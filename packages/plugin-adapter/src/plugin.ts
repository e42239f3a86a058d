/** Takes a packet's bytes, and settles with those of its answer. */
export type DataHandler = (packet: Buffer) => Promise<Buffer>

/** Takes money that has been settled: a whole number, in the unit of the account. */
export type MoneyHandler = (amount: string) => Promise<void>

/**
 * A classic Interledger plugin (its interface's version 2): a link to one peer, with packets as bytes. Called as
 * methods: most are classes.
 */
export interface Plugin {
  readonly connect: (options?: object) => Promise<void>
  readonly disconnect: () => Promise<void>
  readonly isConnected: () => boolean
  /** Sends an ILP Prepare and settles with its Fulfill or Reject; rejects when there is neither. */
  readonly sendData: DataHandler
  readonly registerDataHandler: (handler: DataHandler) => void
  readonly deregisterDataHandler: () => void
  /** Settles so much with the peer: a whole number, in the unit of the account. */
  readonly sendMoney: MoneyHandler
  readonly registerMoneyHandler: (handler: MoneyHandler) => void
  readonly deregisterMoneyHandler: () => void
  /** Plugins are event emitters as a rule. */
  readonly on?: (event: 'error', listener: (error: Error) => void) => unknown
}
