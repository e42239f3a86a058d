import type { Inbox } from './inbox.js'

/** Bytes handed out at a time. */
const CHUNK_MAX = 65_536
/** Bytes that may wait in a `WritableStream` before it asks its writer to wait. */
const WRITABLE_HIGH_WATER_MARK = 16_384

/** What an error says, whatever was thrown. */
export const messageOf = (reason: unknown): string =>
  reason instanceof Error ? reason.message : String(reason)

/** The bytes of an inbox as a stream that takes nothing in advance. `onRead` is called behind each time. */
export function readableOf(inbox: Inbox, onRead: () => void) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let wake: (() => void) | undefined
  let ended = false
  let over = false
  const closeIfEmpty = (): void => {
    if (!ended || over || inbox.available > 0) return
    over = true
    controller?.close()
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      start: given => {
        controller = given
      },
      pull: async given => {
        while (inbox.available === 0) {
          if (ended || over) return closeIfEmpty()
          await new Promise<void>(resolve => {
            wake = resolve
          })
        }
        given.enqueue(inbox.next(CHUNK_MAX))
        onRead()
        closeIfEmpty()
      },
      cancel: () => {
        over = true
        inbox.close()
        onRead()
      },
    },
    { highWaterMark: 0 },
  )
  const rouse = (): void => {
    wake?.()
    wake = undefined
  }
  return {
    stream,
    wake: rouse,
    /** Ends behind the bytes that have come. */
    end: (): void => {
      ended = true
      closeIfEmpty()
      rouse()
    },
    fail: (error: unknown): void => {
      ended = true
      if (!over) controller?.error(error)
      over = true
      rouse()
    },
  }
}

export interface Sink {
  readonly write: (bytes: Uint8Array) => Promise<void>
  readonly close: () => Promise<void>
  readonly abort: (reason: unknown) => void
}

export function writableOf(sink: Sink) {
  let controller: WritableStreamDefaultController | undefined
  let isClosing = false
  let failure: unknown
  const stream = new WritableStream<Uint8Array>(
    {
      start: given => {
        controller = given
      },
      write: bytes => {
        // Not `instanceof`: bytes may come from another realm.
        if (!ArrayBuffer.isView(bytes)) throw new TypeError('only octets can be written')
        return sink.write(bytes)
      },
      close: async () => {
        isClosing = true
        await sink.close()
        if (failure !== undefined) throw failure
      },
      abort: sink.abort,
    },
    { highWaterMark: WRITABLE_HIGH_WATER_MARK, size: chunk => chunk?.byteLength ?? 1 },
  )
  return {
    stream,
    /** No more can be written. With an `error`, not all has arrived: whoever closes it gets to know. */
    end: (error: unknown, closed: unknown): void => {
      failure = error
      if (!isClosing) controller?.error(closed)
    },
  }
}
