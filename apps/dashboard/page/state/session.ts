import { computed, signal } from '@preact/signals'

/** Where the token is kept: for this tab, until it is closed. */
const KEY = 'admin-token'

const current = signal(sessionStorage.getItem(KEY) ?? undefined)

/** The operator's token, while somebody is logged in. */
export const token = computed(() => current.value)
/** Whether the connector has ended the last session: the token is no longer good. */
export const wasRefused = signal(false)

/** @param given has been found to be right */
export function keepToken(given: string): void {
  sessionStorage.setItem(KEY, given)
  wasRefused.value = false
  current.value = given
}

export function logout(): void {
  sessionStorage.removeItem(KEY)
  current.value = undefined
}

/** Ends the session of a token that the connector has refused, unless there is another one by now. */
export function refuse(given: string): void {
  if (given !== current.value) return
  wasRefused.value = true
  logout()
}
