import type { Account } from '../api/types.js'
import { grouped } from '../format/amount.js'
import { between, SPAN_MS } from '../format/rates.js'
import { spanText } from '../format/time.js'
import { href } from '../state/router.js'
import { askedAtMs, current, rates, readings } from '../state/traffic.js'
import { Amount } from '../ui/amount.js'
import { BalanceBar } from '../ui/balance-bar.js'
import { Chart } from '../ui/chart.js'
import { Outcomes, shareText } from '../ui/outcomes.js'
import { Page, Panel } from '../ui/page.js'
import { Empty, View } from '../ui/states.js'
import { AccountLink, closest, useAccounts, useBalances } from './accounts.js'
import { Attention } from './attention.js'

export function Overview() {
  const accounts = useAccounts()
  useBalances()
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

const latencyText = (ms: number): string =>
  ms > 0 && ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1_000 ? `${Math.round(ms)} ms` : spanText(ms)

function Figures() {
  const now = current.value && rates.value.at(-1)
  const { fulfilled, rejected } = between(readings.value)
  const total = fulfilled + rejected
  const figures = [
    ['Packets a second', now ? rateText(now.fulfilled + now.rejected) : '–'],
    ['Fulfilled, two minutes', total > 0 ? shareText(fulfilled / total) : '–'],
    ['Median latency', now?.medianMs === undefined ? '–' : latencyText(now.medianMs)],
    ['In flight', current.value ? grouped(String(current.value.traffic.inFlight)) : '–'],
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

/** What the charts have in common. */
const overTime = () => ({
  timesMs: rates.value.map(({ atMs }) => atMs),
  nowMs: askedAtMs.value,
  spanMs: SPAN_MS,
})

const Throughput = () => (
  <Panel title="Throughput" aside={<span class="muted">packets a second</span>}>
    <Chart
      label="Packets a second"
      {...overTime()}
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
      {...overTime()}
      least={1}
      text={latencyText}
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
  const shown = closest(accounts).slice(0, CLOSEST_SHOWN)
  if (shown.length === 0) return <Empty>No account has used any of a limit.</Empty>
  return (
    <ul class="closest">
      {shown.map(({ account, books, used }) => (
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
