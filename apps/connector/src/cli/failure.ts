/** The exit codes of `ilp-connector`. They are promised: scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** The node has refused, or what was asked for didn't work. */
  failed: 1,
  /** A wrong command, option or value: nothing was done. */
  usage: 2,
  /** No node was reached, or it doesn't take the token. */
  unreachable: 3,
  /** Ended by SIGINT before it was done. */
  interrupted: 130,
} as const

/** Something that is wrong in what was given: where, and what was expected. */
export interface Fault {
  readonly path: string
  readonly message: string
}

export interface FailureDetails {
  readonly exitCode: number
  /** Stable, for scripts. */
  readonly code: 'failed' | 'not-found' | 'conflict' | 'usage' | 'unreachable' | 'unauthorised'
  /** What to do next. */
  readonly next?: string | undefined
  readonly faults?: readonly Fault[] | undefined
  /** What the node has answered with, if it was the node. */
  readonly status?: number | undefined
}

/** Why a command didn't do what it was asked for, as the operator is told. */
export class Failure extends Error {
  override readonly name = 'Failure'

  constructor(
    message: string,
    readonly details: FailureDetails = { exitCode: EXIT.failed, code: 'failed' },
  ) {
    super(message)
  }

  /** In place of the result, with `--json`. */
  document(): object {
    const { code, next, faults, status } = this.details
    return { error: { code, message: this.message, faults, status, next } }
  }
}

/** Whether it may have been done all the same. */
export const isUnclear = (error: unknown): error is Failure =>
  error instanceof Failure &&
  error.details.exitCode === EXIT.unreachable &&
  error.details.status === undefined

/** What was typed is wrong. */
export const wrongUsage = (message: string, next?: string): Failure =>
  new Failure(message, { exitCode: EXIT.usage, code: 'usage', next })

/** It was tried, and didn't work. */
export const failed = (message: string, next?: string): Failure =>
  new Failure(message, { exitCode: EXIT.failed, code: 'failed', next })
