import { computed, signal } from '@preact/signals'

/** Where the token is kept: for this tab, until it is closed. */
const KEY = 'admin-token'

const current = signal(sessionStorage.getItem(KEY) ?? undefined)

/** The operator's token, while somebody is logged in. */
export const token = computed(() => current.value)

/** @param given has been found to be right */
export function keepToken(given: string): void {
  sessionStorage.setItem(KEY, given)
  current.value = given
}

export function logout(): void {
  sessionStorage.removeItem(KEY)
  current.value = undefined
}
