import { useState } from 'preact/hooks'
import { api } from '../api/client.js'
import type { Account, Reconciliation as List } from '../api/types.js'
import { grouped } from '../format/amount.js'
import { timeText } from '../format/time.js'
import { say } from '../state/notice.js'
import { Address } from '../ui/address.js'
import { Amount } from '../ui/amount.js'
import { CloseButton, Dialog } from '../ui/dialog.js'
import { Field } from '../ui/field.js'
import { Page, Panel } from '../ui/page.js'
import { Failed, View } from '../ui/states.js'
import { type Column, Table } from '../ui/table.js'
import { useForm } from '../ui/use-form.js'
import { useLoad } from '../ui/use-load.js'
import { AccountLink, useAccounts } from './accounts.js'

const INTERVAL_MS = 10_000

type Entry = List['entries'][number]

/** Transfers that somebody has to compare with a peer's books, and take off the list. */
export function Reconciliation() {
  const list = useLoad(signal => api<List>('/reconciliation?limit=1000', { signal }), [], INTERVAL_MS)
  const accounts = useAccounts()
  const [open, setOpen] = useState<Entry>()
  return (
    <Page title="Reconciliation">
      <Panel title="To be compared with a peer’s books">
        <View of={list}>
          {({ entries, unlisted }) => (
            <>
              <Table
                caption="Transfers that nobody has seen to, the oldest first"
                columns={columnsFor(accounts.data ?? [], setOpen)}
                rows={entries}
                keyOf={({ id }) => id}
                empty="Nothing is to be reconciled."
              />
              {entries.length > 0 && (
                <p class="foot">
                  Ask the peer what its books say, post an adjustment where they differ, and settle the entry.
                  The list is of the process that serves this page.
                </p>
              )}
              {unlisted > 0 && (
                <p class="foot">{unlisted} more have found no place here: see the connector’s log.</p>
              )}
            </>
          )}
        </View>
      </Panel>
      {open && <Settle entry={open} onClose={() => setOpen(undefined)} settled={list.reload} />}
    </Page>
  )
}

const KIND_TEXTS: Readonly<Record<Entry['kind'], string>> = {
  'late-fulfill': 'Rejected here, and perhaps paid at the next hop',
  unbooked: 'Fulfilled, and in no book',
  'posted-late': 'Booked late, perhaps across a limit',
}

function columnsFor(accounts: readonly Account[], settle: (entry: Entry) => void): readonly Column<Entry>[] {
  const byId = new Map(accounts.map(account => [account.id, account]))
  const side = (id: string, units: string) => {
    const account = byId.get(id)
    return account ? (
      <>
        <AccountLink username={account.username} /> <Amount units={units} asset={account.asset} />
      </>
    ) : (
      `${id}, which is gone: ${grouped(units)} units`
    )
  }
  return [
    {
      title: 'What happened',
      isName: true,
      cell: ({ kind, destination }) => (
        <>
          {KIND_TEXTS[kind]}
          {destination !== undefined && (
            <div class="muted">
              to <Address of={destination} max={44} />
            </div>
          )}
        </>
      ),
    },
    { title: 'When', cell: ({ atMs }) => <span class="time">{timeText(atMs)}</span> },
    { title: 'From', cell: ({ from, incomingAmount }) => side(from, incomingAmount) },
    { title: 'To', cell: ({ to, amount }) => side(to, amount) },
    {
      title: 'Action',
      isAction: true,
      cell: entry => (
        <button type="button" class="small" onClick={() => settle(entry)}>
          Settle<span class="unseen"> that of {timeText(entry.atMs)}</span>
        </button>
      ),
    },
  ]
}

interface SettleProps {
  readonly entry: Entry
  readonly onClose: () => void
  readonly settled: () => void
}

function Settle({ entry: { id, kind }, onClose, settled }: SettleProps) {
  const [reason, setReason] = useState('')
  const { isBusy, error, faults, send } = useForm({ reason: 'reason' })
  const settle = async () => {
    await api(`/reconciliation/${encodeURIComponent(id)}?reason=${encodeURIComponent(reason)}`, {
      method: 'DELETE',
    })
    say('The transfer is off the list')
    onClose()
    settled()
  }
  return (
    <Dialog title="Settle the transfer?" onClose={onClose}>
      <form onSubmit={event => send(event, settle)}>
        <p>
          {KIND_TEXTS[kind]}. It goes off the list, and no money moves: an adjustment on the account’s page
          does that.
        </p>
        <Field
          label="What was found"
          hint="For whoever reads the log later"
          value={reason}
          onValue={setReason}
          error={faults.reason}
          required
          maxLength={1_000}
        />
        {error !== undefined && <Failed error={error} />}
        <div class="buttons">
          <button type="submit" class="main" aria-disabled={isBusy}>
            Settle
          </button>
          <CloseButton>Cancel</CloseButton>
        </div>
      </form>
    </Dialog>
  )
}
