import type { ComponentChildren } from 'preact'
import { api } from '../api/client.js'
import type { Account, Alert, HttpConnection, SettlementState } from '../api/types.js'
import { timeText } from '../format/time.js'
import { alertChanges, connection, errors, links } from '../state/live.js'
import { trouble } from '../state/node.js'
import { href } from '../state/router.js'
import type { Level } from '../ui/badge.js'
import { shareText } from '../ui/outcomes.js'
import { Panel } from '../ui/page.js'
import { Empty, Failed, Loading } from '../ui/states.js'
import { useLoad } from '../ui/use-load.js'
import { AccountLink, closest } from './accounts.js'
import { useHttpLinks, useLinks } from './links.js'

interface Item {
  readonly key: string
  readonly level: Level
  readonly text: ComponentChildren
}

const LOOK_INTERVAL_MS = 10_000
/** Of one kind. */
const SHOWN_MAX = 5

/** What somebody has to look at: what is wrong now, then what the log has called an error since the page was opened. */
export function Attention({ accounts }: { readonly accounts: readonly Account[] }) {
  const dialled = useLinks()
  const posted = useHttpLinks()
  const settlement = useLoad(
    signal => api<SettlementState>('/settlement?limit=1', { signal }),
    [],
    LOOK_INTERVAL_MS,
  )
  const alerts = useLoad(
    signal => api<readonly Alert[]>('/alerts?limit=100', { signal }),
    [alertChanges.value],
    LOOK_INTERVAL_MS,
  )
  const reads = [dialled, posted, settlement, alerts]
  const failed = connection.value === 'lost' ? undefined : reads.find(({ error }) => error !== undefined)
  const items = [
    ...ofNode(),
    ...folded(ofLinks(), 'links', 'links are down'),
    ...folded(ofHttp(posted.data ?? []), 'links', 'accounts can’t be posted to'),
    ...folded(ofLimits(accounts), 'accounts', 'accounts are close to a limit'),
    ...ofEngines(settlement.data),
    ...ofAlerts(alerts.data ?? []),
    ...ofLog(accounts),
  ]
  return (
    <Panel title="Needs attention">
      {failed && <Failed error={failed.error} retry={failed.reload} />}
      {items.length === 0 ? (
        reads.every(({ data }) => data !== undefined) ? (
          <Empty>Nothing at the moment.</Empty>
        ) : (
          !failed && <Loading />
        )
      ) : (
        <ul class="attention">
          {items.map(({ key, level, text }) => (
            <li key={key} class={level}>
              {text}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** Of many, the first ones and how many there are beside. */
function folded(items: readonly Item[], page: string, what: string): readonly Item[] {
  const shown = items.slice(0, SHOWN_MAX)
  const [first, ...others] = items.slice(SHOWN_MAX)
  if (!first || others.length === 0) return items
  const text = (
    <a href={href(page)}>
      {others.length + 1} more {what}
    </a>
  )
  return [...shown, { key: `more ${what}`, level: first.level, text }]
}

function ofNode(): readonly Item[] {
  if (connection.value === 'lost') {
    const text = 'The connector can’t be reached: what is shown here was so before.'
    return [{ key: 'connection', level: 'bad', text }]
  }
  if (connection.value === 'full') {
    const text =
      'Too many pages are open: this one is not told what happens, and reads it every few seconds until another one is closed.'
    return [{ key: 'connection', level: 'warn', text }]
  }
  return trouble.value === ''
    ? []
    : [{ key: 'node', level: 'bad', text: `Takes no packets: ${trouble.value}` }]
}

/** Of those that this node dials. Whoever dials it may have gone for good reason. */
const ofLinks = (): Item[] =>
  [...links.value.values()]
    .filter(({ isUp, dials }) => !isUp && dials !== null)
    .map(({ account }) => ({
      key: `link ${account}`,
      level: 'bad',
      text: (
        <>
          <a href={href('links')}>The link to {account}</a> is down
        </>
      ),
    }))

const ofHttp = (posted: readonly HttpConnection[]): Item[] =>
  posted
    .filter(({ isFailing }) => isFailing)
    .map(({ account, lastFailure }) => ({
      key: `http ${account}`,
      level: 'bad',
      text: (
        <>
          <a href={href('links')}>Packets posted to {account}</a> don’t get through: {lastFailure}
        </>
      ),
    }))

const ofLimits = (accounts: readonly Account[]): Item[] =>
  closest(accounts).flatMap(({ account: { username }, used, level }) => {
    if (level === 'ok') return []
    const text = (
      <>
        <AccountLink username={username} /> has used {shareText(used)} of its limit
      </>
    )
    return [{ key: `limit ${username}`, level, text }]
  })

function ofEngines(settlement: SettlementState | undefined): Item[] {
  const down = settlement?.engines.filter(({ isUp }) => isUp === false) ?? []
  const items: Item[] = down.map(({ url }) => ({
    key: `engine ${url}`,
    level: 'bad',
    text: (
      <>
        The <a href={href('settlements')}>settlement engine</a> {url} is down
      </>
    ),
  }))
  const orphans = settlement?.orphans ?? 0
  if (orphans === 0) return items
  const text = <a href={href('settlements')}>{orphans} settlements have no account or no engine</a>
  return [...items, { key: 'orphans', level: 'bad', text }]
}

/** The others are seen above as soon as they are so, and not only once they have lasted. */
const ALERT_TEXTS: Partial<Record<Alert['kind'], (message: string) => ComponentChildren>> = {
  'reconciliation-needed': () => (
    <>
      <a href={href('reconciliation')}>Transfers</a> are to be reconciled by hand
    </>
  ),
  'settlement-stuck': message => <a href={href('settlements')}>{message}</a>,
}

const ofAlerts = (alerts: readonly Alert[]): Item[] =>
  alerts.flatMap(({ id, kind, message, account, raisedAtMs }) => {
    const told = ALERT_TEXTS[kind]?.(message)
    if (told === undefined) return []
    const text = <Told message={told} account={account ?? undefined} atMs={raisedAtMs} />
    return [{ key: `alert ${id}`, level: 'bad', text }]
  })

const ofLog = (accounts: readonly Account[]): Item[] =>
  errors.value.map(({ id, atMs, message, account }) => {
    const username = accounts.find(one => one.id === account)?.username
    return {
      key: `error ${id}`,
      level: 'warn',
      text: <Told message={message} account={username} atMs={atMs} />,
    }
  })

interface ToldProps {
  readonly message: ComponentChildren
  readonly account: string | undefined
  readonly atMs: number
}

const Told = ({ message, account, atMs }: ToldProps) => (
  <>
    {message}
    {account !== undefined && (
      <>
        {' '}
        (<AccountLink username={account} />)
      </>
    )}{' '}
    <span class="muted">{timeText(atMs)}</span>
  </>
)
