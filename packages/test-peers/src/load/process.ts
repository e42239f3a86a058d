/**
 * The process of a load: takes its options as its first message, sends the result, or the error's text, and waits to
 * be ended.
 */
import { type LoadOptions, type LoadResult, load } from './load.js'

export type LoadReply = { readonly result: LoadResult } | { readonly error: string }

const reply = (message: LoadReply) => process.send?.(message)

process.once('message', (options: LoadOptions) => {
  load(options).then(
    result => reply({ result }),
    (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
  )
})
