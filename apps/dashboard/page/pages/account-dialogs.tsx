import { useState } from 'preact/hooks'
import { accountPath, api } from '../api/client.js'
import type { Account } from '../api/types.js'
import { amountText } from '../format/amount.js'
import { balances } from '../state/live.js'
import { say } from '../state/notice.js'
import { go } from '../state/router.js'
import { CloseButton, Dialog } from '../ui/dialog.js'
import { Field, Select } from '../ui/field.js'
import { Failed } from '../ui/states.js'
import { useDoing } from '../ui/use-doing.js'
import { useForm } from '../ui/use-form.js'

interface DialogProps {
  readonly account: Account
  readonly onClose: () => void
}

/** Asks before an account is deleted: for a reason as well, where there is money to write off. */
export function DeleteAccount({
  account: { username, asset },
  onClose,
  changed,
}: DialogProps & { readonly changed: () => void }) {
  const [reason, setReason] = useState('')
  const { isBusy, error, faults, send } = useForm({ writeOff: 'reason' })
  const balance = balances.value.get(username)?.balance ?? '0'
  const remove = async () => {
    const query = reason === '' ? '' : `?writeOff=${encodeURIComponent(reason)}`
    try {
      await api(accountPath(username, query), { method: 'DELETE' })
    } catch (failure) {
      // It may be disabled by now.
      changed()
      throw failure
    }
    say(`${username} is deleted`)
    go('accounts')
  }
  return (
    <Dialog title={`Delete ${username}?`} onClose={onClose}>
      <form onSubmit={event => send(event, remove)}>
        <p>
          Its packets are let in no more, those in flight are waited for, and then it is gone: its tokens, its
          routes, its name.
        </p>
        {balance !== '0' && (
          <Field
            label="Why the balance is written off"
            hint={`It is ${amountText(balance, asset)}.`}
            value={reason}
            onValue={setReason}
            error={faults.reason}
            required
            maxLength={1_000}
          />
        )}
        {error !== undefined && <Failed error={error} />}
        <div class="buttons">
          <button type="submit" class="danger" aria-disabled={isBusy}>
            {isBusy ? 'Waiting for packets in flight…' : 'Delete'}
          </button>
          <CloseButton>Keep it</CloseButton>
        </div>
      </form>
    </Dialog>
  )
}

type LinkName = 'btp' | 'http'

/** Gives the account a new token, which is shown this once. */
export function NewToken({ account: { username }, onClose }: DialogProps) {
  const [link, setLink] = useState<LinkName>('btp')
  const [token, setToken] = useState<string>()
  const { isBusy, error, run } = useDoing()
  const make = async () => {
    const made = await api<{ readonly token: string }>(accountPath(username, '/tokens'), {
      method: 'POST',
      body: { link },
    })
    setToken(made.token)
  }
  const copy = async () => {
    await navigator.clipboard.writeText(token ?? '')
    say('The token is copied')
  }
  return (
    <Dialog title={`A new token for ${username}`} onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault()
          run(make)
        }}
      >
        {token === undefined ? (
          <>
            <p>It takes the place of those that the peer presents here so far.</p>
            <Select
              label="For"
              value={link}
              onValue={setLink}
              options={[
                ['btp', 'BTP'],
                ['http', 'ILP over HTTP'],
              ]}
            />
          </>
        ) : (
          <Field
            label="Token"
            value={token}
            onValue={() => {}}
            readOnly
            hint="Copy it now: it is not shown again."
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        )}
        {error !== undefined && <Failed error={error} />}
        <div class="buttons">
          {token === undefined ? (
            <button type="submit" class="main" aria-disabled={isBusy}>
              Make a token
            </button>
          ) : (
            // Pages that come over plain HTTP from another machine have no clipboard.
            'clipboard' in navigator && (
              <button type="button" class="main" onClick={() => run(copy)}>
                Copy
              </button>
            )
          )}
          <CloseButton>{token === undefined ? 'Cancel' : 'Done'}</CloseButton>
        </div>
      </form>
    </Dialog>
  )
}
