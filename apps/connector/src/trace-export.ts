import { randomUUID } from 'node:crypto'
import type { Logger } from '@ilp/service-core'
import type { Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import type { TraceStats } from './traces.js'

export interface TraceExport {
  readonly tracer: Pick<Tracer, 'startSpan'>
  readonly stats: () => TraceStats
  /** Sends what waits, within a bounded time. */
  readonly stop: () => Promise<void>
}

/** Spans that wait, at the most, and those that leave in one request. */
const WAITING_MAX = 2_048
const BATCH_MAX = 512
const INTERVAL_MS = 2_000
/** For one request, its repeats included. */
const EXPORT_TIMEOUT_MS = 2_000
/** How long `stop` waits for the collector. */
const STOP_TIMEOUT_MS = 500

/**
 * Sends spans to an OpenTelemetry collector (OTLP over HTTP, JSON): in batches, beside the packets, which never wait for
 * it. While the collector is out of reach, spans are lost.
 */
export function exportTraces(url: string, logger: Logger): TraceExport {
  const counts = { exported: 0, failed: 0, dropped: 0 }
  let waiting = 0
  let isFailing = false
  const ended = (spans: number, error: Error | undefined): void => {
    waiting -= spans
    counts[error ? 'failed' : 'exported'] += spans
    // Said once for each time that it is lost. What the collector says may be anything; its status or the code will do.
    if (error && !isFailing) logger.warn({ reason: reasonOf(error) }, 'traces do not get through')
    if (!error && isFailing) logger.info({}, 'traces get through again')
    isFailing = error !== undefined
  }
  const exporter = counted(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }), ended)
  const batches = new BatchSpanProcessor(exporter, {
    maxQueueSize: WAITING_MAX,
    maxExportBatchSize: BATCH_MAX,
    scheduledDelayMillis: INTERVAL_MS,
    // The exporter ends by itself.
    exportTimeoutMillis: 2 * EXPORT_TIMEOUT_MS,
  })
  const bounded: SpanProcessor = {
    onStart: () => {},
    onEnd: span => {
      if (waiting >= WAITING_MAX) {
        counts.dropped += 1
        return
      }
      waiting += 1
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  }
  const provider = new BasicTracerProvider({
    // Which packets have spans is decided where they come in.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [bounded],
    resource: resourceFromAttributes({
      'service.name': 'ilp-connector',
      'service.instance.id': randomUUID(),
    }),
  })
  return {
    tracer: provider.getTracer('@ilp/connector'),
    stats: () => ({ ...counts, waiting }),
    stop: async () => {
      let timer: NodeJS.Timeout | undefined
      const timeout = new Promise<void>(resolve => {
        timer = setTimeout(resolve, STOP_TIMEOUT_MS)
      })
      await Promise.race([provider.shutdown().catch(() => {}), timeout])
      clearTimeout(timer)
    },
  }
}

/** The exporter, whose results `ended` hears of. */
const counted = (
  exporter: SpanExporter,
  ended: (spans: number, error: Error | undefined) => void,
): SpanExporter => ({
  export: (spans: ReadableSpan[], done) =>
    exporter.export(spans, result => {
      ended(spans.length, result.code === 0 ? undefined : (result.error ?? new Error('not taken')))
      done(result)
    }),
  shutdown: () => exporter.shutdown(),
})

function reasonOf(error: Error): string {
  const { code } = error as { readonly code?: unknown }
  if (typeof code === 'number') return `status ${code}`
  return typeof code === 'string' ? code : error.name
}
