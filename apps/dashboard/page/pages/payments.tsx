import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { accountPath, api, apiList } from '../api/client.js'
import { pause } from '../api/pause.js'
import type { Account, Payment } from '../api/types.js'
import { amountText, grouped } from '../format/amount.js'
import { doneShare, endText } from '../format/payment.js'
import { timeText } from '../format/time.js'
import { keepPayment, payments } from '../state/live.js'
import { say } from '../state/notice.js'
import { href } from '../state/router.js'
import { Amount } from '../ui/amount.js'
import { Badge } from '../ui/badge.js'
import { Select } from '../ui/field.js'
import { Page, Panel } from '../ui/page.js'
import { Empty, Failed, View } from '../ui/states.js'
import { type Column, Table } from '../ui/table.js'
import { useDoing } from '../ui/use-doing.js'
import { useLoad } from '../ui/use-load.js'
import { PaymentForm } from './payment-form.js'

/** The account that payments are made out of, as it was chosen last. */
const chosen = signal('')

export function Payments() {
  const locals = useLoad(signal =>
    apiList<Account>('/accounts?limit=1000&relation=local&isDisabled=false', signal),
  )
  return (
    <Page title="Payments">
      <View of={locals}>
        {all => {
          const account = all.find(({ username }) => username === chosen.value) ?? all[0]
          if (!account) {
            return (
              <Empty>
                Payments are made out of local accounts, and there is none.{' '}
                <a href={href('accounts', '+')}>Create one</a>
              </Empty>
            )
          }
          return (
            <>
              <Panel title="Send a payment">
                <Select
                  label="From"
                  value={account.username}
                  onValue={username => {
                    chosen.value = username
                  }}
                  options={all.map(({ username, asset }) => [username, `${username} (${asset.code})`])}
                />
                <PaymentForm key={account.id} account={account} />
              </Panel>
              <Panel title={`Payments of ${account.username}`}>
                <Made key={account.id} account={account} />
              </Panel>
            </>
          )
        }}
      </View>
    </Page>
  )
}

const PROGRESS_INTERVAL_MS = 500

/** Asks how far those payments have come that are under way: only their beginnings and ends are told of. */
function useProgress(underWay: readonly Payment[]): void {
  const ids = underWay.map(({ id }) => id).join()
  useEffect(() => {
    const over = new AbortController()
    const look = async ({ account, id }: Payment) => {
      for (let isOver = false; !(isOver || over.signal.aborted); ) {
        await pause(PROGRESS_INTERVAL_MS, over.signal)
        try {
          const payment = await api<Payment>(accountPath(account, `/payments/${id}`), { signal: over.signal })
          keepPayment(payment)
          isOver = payment.end !== null
        } catch {
          // The next look may tell; and the end is told of.
        }
      }
    }
    for (const payment of underWay) void look(payment)
    return () => over.abort()
  }, [ids])
}

function Made({ account: { username } }: { readonly account: Account }) {
  const read = useLoad(
    signal =>
      api<readonly Payment[]>(accountPath(username, '/payments?limit=100'), { signal }).then(all => {
        for (const payment of all.toReversed()) keepPayment(payment)
        return true
      }),
    [username],
  )
  const rows = [...payments.value.values()]
    .filter(({ account }) => account === username)
    .sort((one, other) => other.beganAtMs - one.beganAtMs)
  useProgress(rows.filter(({ end }) => end === null))
  const { isBusy, error, run } = useDoing()
  const cancel = async ({ id }: Payment) => {
    await api(accountPath(username, `/payments/${id}`), { method: 'DELETE' })
    say('No more of the payment is sent')
  }
  return (
    <>
      {error !== undefined && <Failed error={error} />}
      <View of={read}>
        {() => (
          <Table
            caption="Payments, the latest first"
            columns={columnsFor(isBusy, payment => run(() => cancel(payment)))}
            rows={rows}
            keyOf={({ id }) => id}
            empty="This process has made no payment out of this account."
          />
        )}
      </View>
    </>
  )
}

const columnsFor = (isBusy: boolean, cancel: (payment: Payment) => void): readonly Column<Payment>[] => [
  { title: 'To', isName: true, cell: ({ pointer }) => <span class="url">{pointer}</span> },
  {
    title: 'State',
    cell: payment => (
      <>
        <Badge level={payment.end === null ? 'quiet' : payment.end === 'completed' ? 'ok' : 'bad'}>
          {endText(payment.end)}
        </Badge>
        {payment.end === null && (
          <progress value={doneShare(payment)} aria-label={`Payment to ${payment.pointer}`} />
        )}
        {payment.detail !== null && <div class="muted">{payment.detail}</div>}
      </>
    ),
  },
  {
    title: 'Sent',
    isNumber: true,
    cell: ({ sent, asset, amount }) => (
      <>
        <Amount units={sent} asset={asset} />
        {'source' in amount && amount.source !== sent && (
          <div class="muted">of {amountText(amount.source, asset)}</div>
        )}
      </>
    ),
  },
  {
    title: 'Delivered',
    isNumber: true,
    cell: ({ delivered, receiverAsset, unknown, asset, amount }) => (
      <>
        {receiverAsset ? <Amount units={delivered} asset={receiverAsset} /> : `${grouped(delivered)} units`}
        {'delivery' in amount && amount.delivery !== delivered && (
          <div class="muted">
            of{' '}
            {receiverAsset ? amountText(amount.delivery, receiverAsset) : `${grouped(amount.delivery)} units`}
          </div>
        )}
        {unknown !== '0' && <div class="muted">unknown: {amountText(unknown, asset)}</div>}
      </>
    ),
  },
  { title: 'Began', cell: ({ beganAtMs }) => <span class="time">{timeText(beganAtMs)}</span> },
  {
    title: 'Action',
    isAction: true,
    cell: payment =>
      payment.end === null && (
        <button type="button" class="small" aria-disabled={isBusy} onClick={() => cancel(payment)}>
          Cancel<span class="unseen"> the payment to {payment.pointer}</span>
        </button>
      ),
  },
]
