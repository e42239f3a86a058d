import { api } from '../api/client.js'
import type { ExchangeRates } from '../api/types.js'
import { parseAmount, writtenAmount } from '../format/amount.js'
import { spanText } from '../format/time.js'
import { Badge } from '../ui/badge.js'
import { Facts } from '../ui/facts.js'
import { Page, Panel } from '../ui/page.js'
import { View } from '../ui/states.js'
import { Table } from '../ui/table.js'
import { useLoad } from '../ui/use-load.js'

const INTERVAL_MS = 10_000

export function Rates() {
  const rates = useLoad(signal => api<ExchangeRates>('/rates', { signal }), [], INTERVAL_MS)
  return (
    <Page title="Rates">
      <View of={rates}>
        {read => (
          <>
            {read.provider !== null && <Source rates={read} provider={read.provider} />}
            <Prices rates={read} />
          </>
        )}
      </View>
    </Page>
  )
}

const SOURCE_TEXTS: Readonly<Record<string, string>> = {
  static: 'the configuration file',
  http: 'an API over HTTP',
  ecb: 'the European Central Bank',
  coincap: 'CoinCap',
  cryptocompare: 'CryptoCompare',
}

interface SourceProps {
  readonly rates: ExchangeRates
  readonly provider: string
}

const Source = ({ rates: { spread, asOfMs, isTooOld }, provider }: SourceProps) => (
  <Panel title="Where they are from">
    <Facts
      facts={[
        ['Provider', SOURCE_TEXTS[provider] ?? provider],
        ['Spread', percentText(spread)],
        ...(provider === 'static' ? [] : [['Age', <Age asOfMs={asOfMs} isTooOld={isTooOld} />] as const]),
      ]}
    />
  </Panel>
)

const Age = ({ asOfMs, isTooOld }: Pick<ExchangeRates, 'asOfMs' | 'isTooOld'>) => (
  <>
    {asOfMs === undefined ? 'none have come yet' : spanText(Date.now() - asOfMs)}{' '}
    {isTooOld && <Badge level="bad">too old to be used</Badge>}
  </>
)

/** A share below one, exactly. */
const percentText = (share: string): string =>
  `${writtenAmount(parseAmount(share, { scale: 64 }), { scale: 62 })}%`

function Prices({ rates: { provider, rates, overrides } }: { readonly rates: ExchangeRates }) {
  const rows = Object.entries(rates).sort(([one], [other]) => (one < other ? -1 : 1))
  return (
    <Panel title="Rates in force">
      <Table
        caption="What a whole unit of each asset is worth"
        columns={[
          { title: 'Asset', isName: true, cell: ([code]) => code },
          { title: 'Worth', cell: ([, rate]) => <span class="amount">{rate}</span> },
          {
            title: 'From',
            cell: ([code]) =>
              Object.hasOwn(overrides, code) ? <Badge level="warn">set by hand</Badge> : 'the provider',
          },
        ]}
        rows={rows}
        keyOf={([code]) => code}
        empty={
          provider === null
            ? 'There are none: packets go from one asset to the same one only.'
            : 'None have come from the provider yet.'
        }
      />
      {rows.length > 0 && (
        <p class="foot">
          What a whole unit of each is worth, in the currency that all rates share. From one asset to another,
          a packet’s amount is multiplied by the quotient of two, less the spread.
        </p>
      )}
    </Panel>
  )
}
