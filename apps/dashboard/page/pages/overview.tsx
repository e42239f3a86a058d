import type { Account } from '../api/types.js'
import { grouped } from '../format/amount.js'
import { between } from '../format/rates.js'
import { standing } from '../format/standing.js'
import { spanText } from '../format/time.js'
import { balances } from '../state/live.js'
import { href } from '../state/router.js'
import { READINGS_MAX, rates, readings } from '../state/traffic.js'
import { Amount } from '../ui/amount.js'
import { BalanceBar } from '../ui/balance-bar.js'
import { Chart } from '../ui/chart.js'
import { Outcomes, shareText } from '../ui/outcomes.js'
import { Page, Panel } from '../ui/page.js'
import { Empty, View } from '../ui/states.js'
import { AccountLink, useAccounts } from './accounts.js'
import { Attention } from './attention.js'

export function Overview() {
  const accounts = useAccounts()
  return (
    <Page title="Overview">
      <Figures />
      <div class="columns">
        <Throughput />
        <Latency />
        <Panel title="Outcomes, the last two minutes" aside={<a href={href('packets')}>Packets</a>}>
          <Outcomes counts={between(readings.value)} empty="No packets have come in the last two minutes." />
        </Panel>
        <Attention accounts={accounts.data ?? []} />
        <Panel
          kind="wide"
          title="Closest to their limits"
          aside={<a href={href('accounts')}>All accounts</a>}
        >
          <View of={accounts}>{all => <Closest accounts={all} />}</View>
        </Panel>
      </div>
    </Page>
  )
}

/** Packets a second: with decimals only where there are few. */
const rateText = (rate: number): string =>
  rate > 0 && rate < 10 ? rate.toFixed(1) : grouped(String(Math.round(rate)))

const timeText = (ms: number): string =>
  ms > 0 && ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1_000 ? `${Math.round(ms)} ms` : spanText(ms)

function Figures() {
  const now = rates.value.at(-1)
  const { fulfilled, rejected } = between(readings.value)
  const total = fulfilled + rejected
  const figures = [
    ['Packets a second', now ? rateText(now.fulfilled + now.rejected) : '–'],
    ['Fulfilled, two minutes', total > 0 ? shareText(fulfilled / total) : '–'],
    ['Median time', now?.medianMs === undefined ? '–' : timeText(now.medianMs)],
    ['In flight', readings.value.at(-1)?.traffic.inFlight.toString() ?? '–'],
  ] as const
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const Throughput = () => (
  <Panel title="Throughput" aside={<span class="muted">packets a second</span>}>
    <Chart
      label="Packets a second"
      length={READINGS_MAX - 1}
      least={10}
      text={rateText}
      series={[
        { name: 'fulfilled', kind: 'first', values: rates.value.map(({ fulfilled }) => fulfilled) },
        { name: 'rejected', kind: 'second', values: rates.value.map(({ rejected }) => rejected) },
      ]}
    />
  </Panel>
)

const Latency = () => (
  <Panel title="Latency" aside={<span class="muted">until the Fulfill</span>}>
    <Chart
      label="Time until packets are fulfilled"
      length={READINGS_MAX - 1}
      least={1}
      text={timeText}
      series={[
        { name: 'median', kind: 'first', values: rates.value.map(({ medianMs }) => medianMs) },
        { name: '95th percentile', kind: 'second', values: rates.value.map(({ p95Ms }) => p95Ms) },
      ]}
    />
  </Panel>
)

const CLOSEST_SHOWN = 5

/** The accounts that have used most of a limit. */
function Closest({ accounts }: { readonly accounts: readonly Account[] }) {
  const closest = accounts
    .flatMap(account => {
      const books = balances.value.get(account.username)
      const used = books && standing(books, account, account.relation).used
      return books && used !== undefined ? [{ account, books, used }] : []
    })
    .sort((one, other) => other.used - one.used)
    .slice(0, CLOSEST_SHOWN)
  if (closest.length === 0) return <Empty>No account has used any of a limit.</Empty>
  return (
    <ul class="closest">
      {closest.map(({ account, books, used }) => (
        <li key={account.id}>
          <AccountLink username={account.username} />
          <BalanceBar account={account} books={books} />
          <span class="share">{shareText(used)}</span>
          <Amount units={books.balance} asset={account.asset} />
        </li>
      ))}
    </ul>
  )
}
