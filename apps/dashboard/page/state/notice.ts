import { signal } from '@preact/signals'

const SHOWN_MS = 6_000

/** What has just been done, told for a while. */
export const notice = signal('')

let timer: ReturnType<typeof setTimeout> | undefined

export function say(text: string): void {
  clearTimeout(timer)
  notice.value = text
  timer = setTimeout(() => {
    notice.value = ''
  }, SHOWN_MS)
}
