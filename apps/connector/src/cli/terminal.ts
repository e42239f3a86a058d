import type { Readable, Writable } from 'node:stream'

/** Where text goes: a terminal, a file, or another program. */
export interface Sink {
  readonly write: Writable['write']
  readonly isTTY?: boolean
  readonly columns?: number
}

/** All that a command has to do with the process that it runs in. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable
  /** What was asked for. */
  readonly out: Sink
  /** What is said besides. */
  readonly err: Sink
  /** Has `handler` called at SIGINT, which ends nothing then. @returns what undoes it */
  readonly onInterrupt: (handler: () => void) => () => void
  /** Ends the process at once. */
  readonly leave: (exitCode: number) => void
  /** This command's version. */
  readonly version: () => string
}
