import { api } from '../api/client.js'
import type { Position, SettlementState } from '../api/types.js'
import { spanText, timeText } from '../format/time.js'
import { say } from '../state/notice.js'
import { Amount } from '../ui/amount.js'
import { Badge } from '../ui/badge.js'
import { Page, Panel } from '../ui/page.js'
import { Failed, View } from '../ui/states.js'
import { Table } from '../ui/table.js'
import { useDoing } from '../ui/use-doing.js'
import { useLoad } from '../ui/use-load.js'
import { AccountLink } from './accounts.js'

const INTERVAL_MS = 3_000

export function Settlements() {
  const state = useLoad(signal => api<SettlementState>('/settlement', { signal }), [], INTERVAL_MS)
  const positions = useLoad(signal => api<readonly Position[]>('/positions', { signal }), [], INTERVAL_MS)
  const { isBusy, error, run } = useDoing()
  const retry = async () => {
    await api('/settlement/retry', { method: 'POST' })
    say('What waits is sent to the engines now')
    state.reload()
  }
  return (
    <Page
      title="Settlements"
      actions={
        <button type="button" aria-disabled={isBusy} onClick={() => run(retry)}>
          Send what waits now
        </button>
      }
    >
      {error !== undefined && <Failed error={error} />}
      <View of={state}>
        {read => (
          <>
            <Engines state={read} />
            <Outbox state={read} />
          </>
        )}
      </View>
      <Panel title="Positions">
        <View of={positions}>{read => <Positions positions={read} />}</View>
        <p class="foot">
          The node’s own side of all balances of an asset: what packets, settlements and adjustments have left
          with it.
        </p>
      </Panel>
    </Page>
  )
}

const Engines = ({ state: { engines } }: { readonly state: SettlementState }) => (
  <Panel title="Engines">
    <Table
      caption="Settlement engines"
      columns={[
        { title: 'Engine', isName: true, cell: ({ url }) => <span class="url">{url}</span> },
        {
          title: 'State',
          cell: ({ isUp }) =>
            isUp === null ? (
              <Badge level="quiet">not asked yet</Badge>
            ) : isUp ? (
              <Badge level="ok">up</Badge>
            ) : (
              <Badge level="bad">down</Badge>
            ),
        },
        { title: 'Accounts', isNumber: true, cell: ({ accounts }) => accounts },
        { title: 'Waiting', isNumber: true, cell: ({ waiting }) => waiting },
        {
          title: 'Last error',
          cell: ({ lastError }) =>
            lastError ? (
              <>
                {lastError.message} <span class="muted">{timeText(lastError.atMs)}</span>
              </>
            ) : (
              'none'
            ),
        },
      ]}
      rows={engines}
      keyOf={({ url }) => url}
      empty="No account has a settlement engine."
    />
  </Panel>
)

const Outbox = ({ state: { outbox, outboxSize, orphans } }: { readonly state: SettlementState }) => (
  <Panel
    title="On their way"
    aside={orphans > 0 && <Badge level="bad">{orphans} without an account or an engine</Badge>}
  >
    <Table
      caption="Settlements that no engine has acknowledged, the oldest first"
      columns={[
        {
          title: 'Account',
          isName: true,
          cell: ({ account, accountId }) =>
            account === null ? `${accountId}, which is gone` : <AccountLink username={account} />,
        },
        {
          title: 'Amount',
          isNumber: true,
          cell: ({ amount, asset }) => <Amount units={amount} asset={asset} />,
        },
        { title: 'For', isNumber: true, cell: ({ createdAtMs }) => spanText(Date.now() - createdAtMs) },
      ]}
      rows={outbox}
      keyOf={({ accountId, createdAtMs, amount }) => `${accountId} ${createdAtMs} ${amount}`}
      empty="Engines have acknowledged every settlement."
    />
    {outboxSize > outbox.length && <p class="foot">These are the oldest of {outboxSize}.</p>}
  </Panel>
)

const Positions = ({ positions }: { readonly positions: readonly Position[] }) => (
  <Table
    caption="Positions by asset and scale"
    columns={[
      { title: 'Asset', isName: true, cell: ({ asset }) => `${asset.code}, scale ${asset.scale}` },
      {
        title: 'From packets',
        isNumber: true,
        cell: ({ asset, balance }) => <Amount units={balance} asset={asset} />,
      },
      {
        title: 'Settled',
        isNumber: true,
        cell: ({ asset, settled }) => <Amount units={settled} asset={asset} />,
      },
      {
        title: 'Adjusted',
        isNumber: true,
        cell: ({ asset, adjusted }) => <Amount units={adjusted} asset={asset} />,
      },
    ]}
    rows={positions}
    keyOf={({ asset }) => `${asset.code} ${asset.scale}`}
    empty="Nothing has been booked yet."
  />
)
