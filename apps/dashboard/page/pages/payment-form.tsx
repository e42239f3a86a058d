import { useState } from 'preact/hooks'
import { accountPath, api, randomText } from '../api/client.js'
import { ApiProblem, type Faults, type FieldPaths } from '../api/problem.js'
import type { Account, Payment, PaymentOrder } from '../api/types.js'
import { parseAmount } from '../format/amount.js'
import { keepPayment } from '../state/live.js'
import { say } from '../state/notice.js'
import { Field } from '../ui/field.js'
import { Failed } from '../ui/states.js'
import { useForm } from '../ui/use-form.js'

type Kind = 'source' | 'delivery'

type FieldName = 'pointer' | 'amount' | 'most'

interface Written {
  readonly pointer: string
  readonly kind: Kind
  readonly amount: string
  readonly most: string
}

const FIELD_PATHS: FieldPaths<FieldName> = {
  pointer: 'pointer',
  amount: 'amount',
  'amount.sourceMax': 'most',
}

const NOTHING: Written = { pointer: '', kind: 'source', amount: '', most: '' }

/** Sends a payment out of the account. */
export function PaymentForm({ account }: { readonly account: Account }) {
  const { asset, username } = account
  const [form, setForm] = useState(NOTHING)
  // One key for one payment: sent again after a lost answer, it is still one.
  const [key, setKey] = useState(randomText)
  const { isBusy, error, faults, send, forget } = useForm(FIELD_PATHS)
  const change = (change: Partial<Written>) => {
    setForm({ ...form, ...change })
    forget()
  }
  const pay = async (order: PaymentOrder) => {
    try {
      keepPayment(
        await api<Payment>(accountPath(username, '/payments'), { method: 'POST', body: order, key }),
      )
    } catch (failure) {
      // What was refused was not begun: what is written next is another payment.
      if (failure instanceof ApiProblem) setKey(randomText())
      throw failure
    }
    say('The payment is under way')
    setKey(randomText())
    setForm({ ...NOTHING, kind: form.kind })
  }
  return (
    <form
      class="payment-form"
      noValidate
      onSubmit={event => {
        const { order, faults } = orderOf(form, account)
        send(event, () => pay(order), faults)
      }}
    >
      <Field
        label="To"
        hint="A payment pointer, such as $example.com/bob, or the URL of an SPSP endpoint"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={form.pointer}
        onValue={pointer => change({ pointer })}
        error={faults.pointer}
      />
      <fieldset class="choice">
        <legend>What is fixed</legend>
        <Choice kind="source" chosen={form.kind} onChosen={kind => change({ kind })}>
          What is sent
        </Choice>
        <Choice kind="delivery" chosen={form.kind} onChosen={kind => change({ kind })}>
          What arrives
        </Choice>
      </fieldset>
      <div class="fields">
        {form.kind === 'source' ? (
          <Field
            label="Amount"
            hint={`In ${asset.code}, such as 12.5`}
            inputMode="decimal"
            autocomplete="off"
            value={form.amount}
            onValue={amount => change({ amount })}
            error={faults.amount}
          />
        ) : (
          <>
            <Field
              label="Amount that arrives"
              hint="A whole number of the receiver’s smallest units"
              inputMode="numeric"
              autocomplete="off"
              value={form.amount}
              onValue={amount => change({ amount })}
              error={faults.amount}
            />
            <Field
              label="Costs at the most"
              hint={`In ${asset.code}. Empty: no limit`}
              inputMode="decimal"
              autocomplete="off"
              value={form.most}
              onValue={most => change({ most })}
              error={faults.most}
            />
          </>
        )}
      </div>
      {error !== undefined && <Failed error={error} />}
      <div class="buttons">
        <button type="submit" class="main" aria-disabled={isBusy}>
          Send
        </button>
      </div>
    </form>
  )
}

interface ChoiceProps {
  readonly kind: Kind
  readonly chosen: Kind
  readonly onChosen: (kind: Kind) => void
  readonly children: string
}

const Choice = ({ kind, chosen, onChosen, children }: ChoiceProps) => (
  <label>
    <input type="radio" name="kind" checked={kind === chosen} onChange={() => onChosen(kind)} /> {children}
  </label>
)

/** What the API is asked for, and what is wrong with which field. */
function orderOf(
  { pointer, kind, amount, most }: Written,
  { asset }: Account,
): { readonly order: PaymentOrder; readonly faults: Faults<FieldName> } {
  const faults: Partial<Record<FieldName, string>> = {}
  const units = (name: 'amount' | 'most', text: string, scale: number): string => {
    try {
      const value = parseAmount(text, { scale })
      if (value > 0n) return value.toString()
      faults[name] = 'Write a number above zero'
    } catch (error) {
      faults[name] = (error as RangeError).message
    }
    return ''
  }
  if (pointer.trim() === '') faults.pointer = 'Whom to pay'
  const wanted =
    kind === 'source'
      ? { source: units('amount', amount, asset.scale) }
      : {
          delivery: units('amount', amount, 0),
          ...(most.trim() === '' ? {} : { sourceMax: units('most', most, asset.scale) }),
        }
  return { order: { pointer: pointer.trim(), amount: wanted }, faults }
}
