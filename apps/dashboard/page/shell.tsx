import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { connection, epoch } from './state/live.js'
import { address, readNode, trouble } from './state/node.js'
import { notice } from './state/notice.js'
import { href, place } from './state/router.js'
import { logout } from './state/session.js'
import { THEMES, theme } from './state/theme.js'
import type { Level } from './ui/badge.js'
import { keepFocus } from './ui/keep-focus.js'

const PAGES = [
  ['', 'Overview'],
  ['accounts', 'Accounts'],
  ['links', 'Links'],
  ['routes', 'Routes'],
  ['rates', 'Rates'],
  ['packets', 'Packets'],
  ['payments', 'Payments'],
  ['settlements', 'Settlements'],
  ['reconciliation', 'Reconciliation'],
] as const

const LOOK_INTERVAL_MS = 10_000

/** What every page stands in: the way to the others, and whether all is well. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => setOpen(false), [place.value])
  useEffect(() => (main.current ? keepFocus(main.current) : undefined), [])
  useEffect(() => {
    const over = new AbortController()
    const look = () => void readNode(over.signal).catch(() => {})
    look()
    const timer = setInterval(look, LOOK_INTERVAL_MS)
    return () => {
      clearInterval(timer)
      over.abort()
    }
  }, [epoch.value])
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header>
        <a class="brand" href={href()}>
          <Mark />
          <span>
            <b>Connector</b>
            <span class="node">{address.value}</span>
          </span>
        </a>
        <Live />
        <button
          type="button"
          class="menu"
          aria-expanded={isOpen}
          aria-controls="navigation"
          onClick={() => setOpen(!isOpen)}
        >
          Menu
        </button>
      </header>
      <div class={`side ${isOpen ? 'open' : ''}`} id="navigation">
        <Navigation />
        <footer class="session">
          <ThemeChoice />
          <button type="button" class="plain" onClick={logout}>
            Log out
          </button>
        </footer>
      </div>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      <p class={`notice ${notice.value === '' ? '' : 'shown'}`} role="status">
        {notice.value}
      </p>
    </div>
  )
}

const Navigation = () => (
  <nav aria-label="Pages">
    <ul>
      {PAGES.map(([segment, title]) => (
        <li key={segment}>
          <a
            href={segment === '' ? href() : href(segment)}
            aria-current={(place.value[0] ?? '') === segment ? 'page' : undefined}
          >
            {title}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)

function Live() {
  const [level, text] = stateOf(connection.value, trouble.value)
  return (
    <span class={`live ${level}`} role="status">
      {text}
    </span>
  )
}

function stateOf(events: typeof connection.value, reason: string): readonly [Level, string] {
  if (events === 'lost') return ['bad', 'Connection lost, trying again']
  if (events === 'full') return ['bad', 'Too many pages are open, trying again']
  if (events === 'connecting') return ['quiet', 'Connecting']
  return reason === '' ? ['ok', 'Live'] : ['bad', `Takes no packets: ${reason}`]
}

export const ThemeChoice = () => (
  <label class="theme">
    <span>Theme</span>
    <select
      value={theme.value}
      onChange={({ currentTarget }) => {
        theme.value = THEMES.find(one => one === currentTarget.value) ?? 'system'
      }}
    >
      {THEMES.map(one => (
        <option key={one} value={one}>
          {one.charAt(0).toUpperCase() + one.slice(1)}
        </option>
      ))}
    </select>
  </label>
)

/** The sign of the connector: two accounts, and what passes between them. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" />
    <path d="M8.5 11.5h9M14.5 20.5h9" />
    <circle cx="21" cy="11.5" r="3" />
    <circle cx="11" cy="20.5" r="3" />
  </svg>
)
