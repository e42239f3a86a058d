import type { Logger } from '@ilp/service-core'

/** A logger that keeps what it is told. */
export interface Logbook extends Logger {
  readonly lines: readonly {
    readonly level: keyof Logger
    readonly fields: object
    readonly message: string
  }[]
  /** The messages of this level. */
  readonly at: (level: keyof Logger) => readonly string[]
}

export function createLogbook(): Logbook {
  const lines: { level: keyof Logger; fields: object; message: string }[] = []
  const log = (level: keyof Logger) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  return {
    lines,
    at: level => lines.filter(line => line.level === level).map(({ message }) => message),
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
  }
}
