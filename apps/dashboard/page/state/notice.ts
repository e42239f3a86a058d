import { signal } from '@preact/signals'

const SHOWN_MS = 6_000

/** What was done last, told for a while, or until something else is done. */
export const notice = signal('')

let timer: ReturnType<typeof setTimeout> | undefined

export function say(text: string): void {
  clearTimeout(timer)
  notice.value = text
  timer = setTimeout(() => {
    notice.value = ''
  }, SHOWN_MS)
}
