import { computed, signal } from '@preact/signals'

/** Pages are told apart behind the `#`: in front of it are the paths of the API. */
const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

/** The segments of where we are: none for the overview. */
export const place = computed(() =>
  hash.value
    .replace(/^#\/?/, '')
    .split('/')
    .filter(segment => segment !== '')
    .map(decoded),
)

export const href = (...segments: readonly string[]): string =>
  `#/${segments.map(encodeURIComponent).join('/')}`

export function go(...segments: readonly string[]): void {
  location.hash = href(...segments)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
