import { useState } from 'preact/hooks'
import { accountPath, api, randomText } from '../api/client.js'
import { ApiProblem, type Faults } from '../api/problem.js'
import type { Account, Adjustment } from '../api/types.js'
import { amountText, parseAmount } from '../format/amount.js'
import { timeText } from '../format/time.js'
import { readBalance } from '../state/live.js'
import { say } from '../state/notice.js'
import { Amount } from '../ui/amount.js'
import { CloseButton, Dialog } from '../ui/dialog.js'
import { Field } from '../ui/field.js'
import { Panel } from '../ui/page.js'
import { Failed, View } from '../ui/states.js'
import { Table } from '../ui/table.js'
import { useForm } from '../ui/use-form.js'
import { useLoad } from '../ui/use-load.js'

/** The money that was posted to an account by hand, the latest first; and more of it. */
export function Adjustments({ account }: { readonly account: Account }) {
  const { username, asset } = account
  const [isOpen, setOpen] = useState(false)
  const read = useLoad(
    signal => api<readonly Adjustment[]>(accountPath(username, '/adjustments?limit=20'), { signal }),
    [username],
  )
  return (
    <Panel
      title="Adjustments"
      aside={
        <button type="button" class="small" onClick={() => setOpen(true)}>
          Post one
        </button>
      }
    >
      <View of={read}>
        {posted => (
          <Table
            caption="Money posted by hand"
            columns={[
              { title: 'Reason', isName: true, cell: ({ reason }) => reason },
              {
                title: 'Amount',
                isNumber: true,
                cell: ({ amount }) => <Amount units={amount} asset={asset} />,
              },
              { title: 'When', cell: ({ postedAtMs }) => timeText(postedAtMs) },
            ]}
            rows={posted}
            keyOf={({ key }) => key}
            empty="Nothing was posted by hand."
          />
        )}
      </View>
      {isOpen && <NewAdjustment account={account} onClose={() => setOpen(false)} posted={read.reload} />}
    </Panel>
  )
}

type FieldName = 'amount' | 'reason'

const FIELD_PATHS = { amount: 'amount', reason: 'reason' } as const

interface NewAdjustmentProps {
  readonly account: Account
  readonly onClose: () => void
  readonly posted: () => void
}

function NewAdjustment({ account: { username, asset }, onClose, posted }: NewAdjustmentProps) {
  const [amount, setAmount] = useState('')
  const [reason, setReason] = useState('')
  // One key for one adjustment: sent again after a lost answer, it is posted once.
  const [key, setKey] = useState(randomText)
  const { isBusy, error, faults, send } = useForm(FIELD_PATHS)
  const { units, wrong } = adjustmentOf(amount, reason, asset)
  const post = async () => {
    const body = { amount: units.toString(), reason: reason.trim() }
    try {
      await api(accountPath(username, '/adjustments'), { method: 'POST', body, key })
    } catch (failure) {
      if (failure instanceof ApiProblem) setKey(randomText())
      throw failure
    }
    say(`${amountText(units, asset)} is posted to ${username}`)
    onClose()
    posted()
    await readBalance(username).catch(() => {})
  }
  return (
    <Dialog title={`Post money to ${username}`} onClose={onClose}>
      <form noValidate onSubmit={event => send(event, post, wrong)}>
        <Field
          label="Amount"
          hint={`In ${asset.code}. Above zero, this node owes the account more; below, less.`}
          autocomplete="off"
          value={amount}
          onValue={setAmount}
          error={faults.amount}
        />
        <Field
          label="Reason"
          hint="Such as the number of a bank transfer"
          value={reason}
          onValue={setReason}
          error={faults.reason}
          maxLength={1_000}
        />
        <p class="muted">It is booked across any limit, and stays: what was wrong is posted back.</p>
        {error !== undefined && <Failed error={error} />}
        <div class="buttons">
          <button type="submit" class="main" aria-disabled={isBusy}>
            Post
          </button>
          <CloseButton>Cancel</CloseButton>
        </div>
      </form>
    </Dialog>
  )
}

/** What is posted, and what is wrong with which field. */
function adjustmentOf(
  amount: string,
  reason: string,
  asset: Account['asset'],
): { readonly units: bigint; readonly wrong: Faults<FieldName> } {
  const wrong: Partial<Record<FieldName, string>> = {}
  let units = 0n
  try {
    units = parseAmount(amount, asset)
    if (units === 0n) wrong.amount = 'Write a number that is not zero'
  } catch (error) {
    wrong.amount = (error as RangeError).message
  }
  if (reason.trim() === '') wrong.reason = 'Why it is posted'
  return { units, wrong }
}
