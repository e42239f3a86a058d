import type { Logger } from '@ilp/service-core'

export interface LogEntry {
  readonly level: keyof Logger
  readonly fields: object
  readonly message: string
}

export interface RecordingLogger extends Logger {
  /** All that was logged, in its order. */
  readonly entries: readonly LogEntry[]
}

export function recordingLogger(): RecordingLogger {
  const entries: LogEntry[] = []
  const record = (level: keyof Logger) => (fields: object, message: string) =>
    void entries.push({ level, fields, message })
  return {
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    entries,
  }
}
