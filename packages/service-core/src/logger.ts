type Log = (fields: object, message: string) => void

/** What services write to: a subset of pino's logger. Fields never hold tokens, secrets or packet data. */
export interface Logger {
  readonly debug: Log
  readonly info: Log
  readonly warn: Log
  /** Something that somebody has to look at. */
  readonly error: Log
}

const nothing: Log = () => {}

/** Writes nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
