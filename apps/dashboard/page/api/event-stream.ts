/** An event of a stream of server-sent events. */
export interface StreamEvent {
  readonly event: string
  readonly data: string
}

/** What a piece may be long without an end: the events of this API are far smaller. */
const EVENT_CHARACTERS_MAX = 1_048_576

/**
 * The events in a stream, one after another; ends with it. Comments, which keep the connection alive, are events without
 * a name, so that whoever waits sees them come.
 * @throws RangeError when an event has no end
 */
export async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += decoder.decode(value, { stream: true })
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        yield eventOf(text.slice(0, end))
        text = text.slice(end + 2)
      }
      if (text.length > EVENT_CHARACTERS_MAX) throw new RangeError('an event has no end')
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function eventOf(block: string): StreamEvent {
  let event = ''
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event = line.slice(7)
    else if (line.startsWith('data: ')) data.push(line.slice(6))
  }
  return { event, data: data.join('\n') }
}
