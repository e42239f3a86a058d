import { useState } from 'preact/hooks'
import { accountPath, api, randomText } from '../api/client.js'
import { type Account, RELATIONS } from '../api/types.js'
import {
  type AccountForm,
  changesOf,
  EMPTY_FORM,
  FIELD_PATHS,
  type FieldName,
  formOf,
  settingsOf,
} from '../format/account-settings.js'
import { say } from '../state/notice.js'
import { go, href } from '../state/router.js'
import { Field, Select } from '../ui/field.js'
import { Page } from '../ui/page.js'
import { Failed, View } from '../ui/states.js'
import { useForm } from '../ui/use-form.js'
import { useLoad } from '../ui/use-load.js'

const RELATION_TEXTS = {
  child: 'Child: a customer below this node',
  peer: 'Peer: a node beside this one',
  parent: 'Parent: the node above this one',
  local: 'Local: receives and pays here',
} as const

export function NewAccount() {
  // One key for one account: when the answer is lost, sending it again makes no second one.
  const [key] = useState(randomText)
  return (
    <Page title="New account" above={<a href={href('accounts')}>Accounts</a>}>
      <Form
        initial={EMPTY_FORM}
        isNew
        submit="Create the account"
        save={async form => {
          const { username } = await api<Account>('/accounts', {
            method: 'POST',
            body: settingsOf(form).settings,
            key: `${key}-${form.username}`,
          })
          say(`${username} is there`)
          go('accounts', username)
        }}
        back={href('accounts')}
      />
    </Page>
  )
}

export function EditAccount({ username }: { readonly username: string }) {
  const account = useLoad(signal => api<Account>(accountPath(username), { signal }), [username])
  return (
    <Page title={`Edit ${username}`} above={<a href={href('accounts', username)}>{username}</a>}>
      <View of={account}>{data => <EditForm account={data} />}</View>
    </Page>
  )
}

function EditForm({ account }: { readonly account: Account }) {
  // What is changed is told from what was there when the form was filled, also if the account is read anew.
  const [before] = useState(account)
  const { username } = before
  return (
    <Form
      initial={formOf(before)}
      isNew={false}
      submit="Save"
      save={async form => {
        await api(accountPath(username), { method: 'PATCH', body: changesOf(before, form) })
        say(`${username} is saved`)
        go('accounts', username)
      }}
      back={href('accounts', username)}
    />
  )
}

interface FormProps {
  readonly initial: AccountForm
  readonly isNew: boolean
  readonly submit: string
  readonly save: (form: AccountForm) => Promise<void>
  readonly back: string
}

export interface FieldsProps {
  readonly form: AccountForm
  readonly isNew: boolean
  /** What a field of this name needs. */
  readonly bound: (name: FieldName) => {
    readonly value: string
    readonly onValue: (value: string) => void
    readonly error: string | undefined
  }
}

function Form({ initial, isNew, submit, save, back }: FormProps) {
  const [form, setForm] = useState(initial)
  const { isBusy, error, faults, send } = useForm(FIELD_PATHS)
  const bound: FieldsProps['bound'] = name => ({
    value: form[name],
    onValue: value => setForm(before => ({ ...before, [name]: value })),
    error: faults[name],
  })
  const fields = { form, isNew, bound }
  return (
    <form
      class="account-form"
      noValidate
      onSubmit={event => send(event, () => save(form), settingsOf(form).faults)}
    >
      <Basics {...fields} />
      <Limits {...fields} />
      <LinkFields {...fields} link="btp" />
      <LinkFields {...fields} link="http" />
      <SettlementFields {...fields} />
      {error !== undefined && <Failed error={error} />}
      <div class="buttons">
        <button type="submit" class="main" aria-disabled={isBusy}>
          {submit}
        </button>
        <a class="button" href={back}>
          Cancel
        </a>
      </div>
    </form>
  )
}

const Basics = ({ form, isNew, bound }: FieldsProps) => (
  <fieldset>
    <legend>Account</legend>
    <div class="fields">
      <Field
        label="Name"
        hint="Part of URLs and addresses; letters, digits, _ ~ -"
        autocomplete="off"
        disabled={!isNew}
        {...bound('username')}
      />
      <Select
        label="Relation"
        {...bound('relation')}
        value={form.relation}
        options={RELATIONS.map(relation => [relation, RELATION_TEXTS[relation]])}
      />
      <Field label="Asset" hint="Can’t be changed later" disabled={!isNew} {...bound('code')} />
      <Field
        label="Scale"
        hint="Decimals of its smallest unit"
        inputMode="numeric"
        disabled={!isNew}
        {...bound('scale')}
      />
      <Field
        label="ILP address"
        hint={
          form.relation === 'peer' || form.relation === 'parent'
            ? `The address of the ${form.relation}, such as test.bob`
            : 'Empty: below the address of this node'
        }
        autocomplete="off"
        {...bound('ilpAddress')}
      />
    </div>
  </fieldset>
)

const Limits = ({ form, bound }: FieldsProps) => {
  const unit = form.code === '' ? '' : `In ${form.code}. `
  return (
    <fieldset>
      <legend>Limits</legend>
      <div class="fields">
        <Field
          label="Lowest balance"
          hint={`${unit}Below zero: what it may owe this node. Empty: ${form.relation === 'local' ? 'no limit' : 'zero'}`}
          inputMode="text"
          {...bound('minBalance')}
        />
        <Field
          label="Highest balance"
          hint={`${unit}Empty: no limit`}
          inputMode="decimal"
          {...bound('maxBalance')}
        />
        <Field
          label="Largest packet"
          hint={`${unit}Empty: no limit`}
          inputMode="decimal"
          {...bound('maxPacketAmount')}
        />
        <Field
          label="Packets a minute"
          hint="From it. Empty: no limit"
          inputMode="numeric"
          {...bound('packetsPerMinute')}
        />
        <Field
          label="Amount a minute"
          hint={`${unit}From it. Empty: no limit`}
          inputMode="decimal"
          {...bound('amountPerMinute')}
        />
      </div>
    </fieldset>
  )
}

const LINK_TEXTS = {
  btp: { title: 'BTP', url: 'wss://peer.example/btp', none: 'Empty: the peer connects' },
  http: { title: 'ILP over HTTP', url: 'https://peer.example/ilp', none: 'Empty: nothing is posted' },
} as const

function LinkFields({ isNew, bound, link }: FieldsProps & { readonly link: 'btp' | 'http' }) {
  const { title, url, none } = LINK_TEXTS[link]
  const unsaid = isNew ? '' : ' Empty: it stays as it is'
  const incoming = bound(`${link}Token`)
  return (
    <details open={isNew && link === 'btp'}>
      <summary>{title}</summary>
      <div class="fields">
        <div class="with-button">
          <Field
            label={`${title}: token of the peer`}
            hint={`What the peer presents here.${unsaid}`}
            autocomplete="off"
            spellcheck={false}
            {...incoming}
          />
          <button type="button" onClick={() => incoming.onValue(randomText(24))}>
            Make one
          </button>
        </div>
        <Field label={`${title}: URL`} hint={`Such as ${url}. ${none}`} type="url" {...bound(`${link}Url`)} />
        <Field
          label={`${title}: token for the peer`}
          hint={`What this node presents there.${unsaid}`}
          type="password"
          autocomplete="off"
          {...bound(`${link}OutgoingToken`)}
        />
      </div>
    </details>
  )
}

const SettlementFields = ({ form, bound }: FieldsProps) => (
  <details>
    <summary>Settlement</summary>
    <div class="fields">
      <Field
        label="Engine"
        hint="Its URL, such as http://127.0.0.1:3000"
        type="url"
        {...bound('engineUrl')}
      />
      <Field
        label="Settle from"
        hint={`In ${form.code}. Empty: money only comes in`}
        inputMode="decimal"
        {...bound('settleThreshold')}
      />
      <Field
        label="Settle to"
        hint={`In ${form.code}. Empty: zero`}
        inputMode="decimal"
        {...bound('settleTo')}
      />
    </div>
  </details>
)
