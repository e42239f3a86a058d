import { useState } from 'preact/hooks'
import type { Account, PacketEvent } from '../api/types.js'
import { grouped } from '../format/amount.js'
import { between } from '../format/rates.js'
import { codeMeaning } from '../format/reject-codes.js'
import { timeText } from '../format/time.js'
import { type Heard, packets } from '../state/live.js'
import { readings } from '../state/traffic.js'
import { Address } from '../ui/address.js'
import { Amount } from '../ui/amount.js'
import { Badge } from '../ui/badge.js'
import { Select } from '../ui/field.js'
import { Outcomes } from '../ui/outcomes.js'
import { Page, Panel } from '../ui/page.js'
import { type Column, Table } from '../ui/table.js'
import { AccountLink, useAccounts } from './accounts.js'

type Packet = Heard<PacketEvent>

export function Packets() {
  const accounts = useAccounts()
  const [wanted, setWanted] = useState('')
  const [held, setHeld] = useState<readonly Packet[]>()
  const all = held ?? packets.value
  const shown = all.filter(
    ({ outcome }) =>
      wanted === '' || outcome === wanted || (wanted === 'rejected' && outcome !== 'fulfilled'),
  )
  const sums = readings.value.at(-1)?.traffic
  // The one that was chosen is to be seen, also when none is left that has it.
  const codes = [...new Set([...all.map(({ outcome }) => outcome), wanted])]
    .filter(one => !['', 'fulfilled', 'rejected'].includes(one))
    .sort()
  return (
    <Page title="Packets">
      <div class="columns">
        <Panel title="The last two minutes">
          <Outcomes counts={between(readings.value)} empty="No packets have come in the last two minutes." />
        </Panel>
        <Panel title="Since the node started">
          {sums && <Outcomes counts={sums} empty="No packets have come yet." />}
        </Panel>
      </div>
      <Panel
        title="Recent packets"
        aside={
          <button
            type="button"
            class="small"
            aria-pressed={held !== undefined}
            onClick={() => setHeld(held ? undefined : packets.value)}
          >
            {held ? 'Go on' : 'Hold'}
          </button>
        }
      >
        <div class="filters">
          <Select
            label="Outcome"
            value={wanted}
            onValue={setWanted}
            options={[
              ['', 'All'],
              ['fulfilled', 'Fulfilled'],
              ['rejected', 'Rejected'],
              ...codes.map(code => [code, `${code} ${codeMeaning(code)}`] as const),
            ]}
          />
        </div>
        <Table
          caption="A sample of the packets that were answered, the latest first"
          columns={columnsFor(accounts.data ?? [])}
          rows={shown}
          keyOf={({ id }) => id}
          empty={all.length === 0 ? 'Packets are shown as they come.' : 'None of them has this outcome.'}
        />
        <p class="foot">A sample: 20 a second at most, since this page was opened.</p>
      </Panel>
    </Page>
  )
}

const columnsFor = (accounts: readonly Account[]): readonly Column<Packet>[] => {
  const assets = new Map(accounts.map(({ username, asset }) => [username, asset]))
  return [
    { title: 'Time', cell: ({ atMs }) => <span class="time">{timeText(atMs)}</span> },
    {
      title: 'Outcome',
      cell: ({ outcome }) =>
        outcome === 'fulfilled' ? (
          <Badge level="ok">fulfilled</Badge>
        ) : (
          <>
            <Badge level={outcome.startsWith('F') ? 'bad' : 'warn'}>{outcome}</Badge>{' '}
            <span class="muted">{codeMeaning(outcome)}</span>
          </>
        ),
    },
    {
      title: 'From, to',
      cell: ({ from, to }) => (
        <>
          <AccountLink username={from} /> → {to === null ? 'nowhere' : <AccountLink username={to} />}
        </>
      ),
    },
    {
      title: 'Amount',
      isNumber: true,
      cell: ({ from, amount }) => {
        const asset = assets.get(from)
        return asset ? <Amount units={amount} asset={asset} /> : `${grouped(amount)} units`
      },
    },
    {
      title: 'Destination',
      cell: ({ destination, rejectedBy }) => (
        <>
          <Address of={destination} max={44} />
          {rejectedBy !== undefined && rejectedBy !== '' && (
            <div class="muted">
              rejected by <Address of={rejectedBy} max={44} />
            </div>
          )}
        </>
      ),
    },
    { title: 'Took', isNumber: true, cell: ({ tookMs }) => `${tookMs} ms` },
  ]
}
