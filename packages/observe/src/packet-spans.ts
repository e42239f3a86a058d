import type { Prepare } from '@ilp/service-core'
import type { Span } from '@opentelemetry/api'

/**
 * The spans of packets that are on their way through the node, by the bytes that a packet lies in: the views that
 * services make of it share them. A context manager would do as well, but makes every promise of the process dearer,
 * those of packets without a span among them.
 */
export class PacketSpans {
  readonly #spans = new Map<ArrayBufferLike, Map<number, Span>>()

  /** The packet is on its way in, until the function that this returns is called. */
  begin(prepare: Prepare, span: Span): () => void {
    const { buffer, byteOffset } = prepare.executionCondition
    const spans = this.#spans.get(buffer) ?? new Map<number, Span>()
    spans.set(byteOffset, span)
    this.#spans.set(buffer, spans)
    return () => {
      spans.delete(byteOffset)
      if (spans.size === 0) this.#spans.delete(buffer)
    }
  }

  of(prepare: Prepare): Span | undefined {
    if (this.#spans.size === 0) return undefined
    const { buffer, byteOffset } = prepare.executionCondition
    return this.#spans.get(buffer)?.get(byteOffset)
  }
}
