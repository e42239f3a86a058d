import { effect, signal } from '@preact/signals'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'theme'

const kept = localStorage.getItem(KEY)

/** Light or dark, or whatever the system prefers. */
export const theme = signal<Theme>(THEMES.find(one => one === kept) ?? 'system')

effect(() => {
  document.documentElement.setAttribute('data-theme', theme.value)
  if (theme.value === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, theme.value)
})
