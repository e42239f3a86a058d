import { type Disposable, type Logger, lifecycle } from '@ilp/service-core'
import { INVALID_SPAN_CONTEXT, type Tracer, trace } from '@opentelemetry/api'
import type { TraceExport } from './trace-export.js'

export interface Traces extends Disposable {
  /** Its spans go nowhere before it is started. */
  readonly tracer: Pick<Tracer, 'startSpan'>
  readonly stats: () => TraceStats
}

/** Spans since the start, by what became of them; and those that wait to be sent. */
export interface TraceStats {
  readonly exported: number
  /** The collector did not take them: they are lost. */
  readonly failed: number
  /** Too many waited. */
  readonly dropped: number
  readonly waiting: number
}

/** Traces that go to a collector. Its SDK is loaded at the start, by those alone who have it: loading takes a while. */
export function createTraces(url: string, logger: Logger): Traces {
  let running: TraceExport | undefined
  return {
    ...lifecycle({
      start: async () => {
        const { exportTraces } = await import('./trace-export.js')
        running = exportTraces(url, logger)
      },
      stop: async () => running?.stop(),
    }),
    tracer: {
      startSpan: (...span) =>
        running?.tracer.startSpan(...span) ?? trace.wrapSpanContext(INVALID_SPAN_CONTEXT),
    },
    stats: () => running?.stats() ?? { exported: 0, failed: 0, dropped: 0, waiting: 0 },
  }
}
