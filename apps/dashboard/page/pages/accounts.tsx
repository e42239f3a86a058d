import { useState } from 'preact/hooks'
import { apiList, LIST_MAX } from '../api/client.js'
import type { Account, Balance } from '../api/types.js'
import { standing } from '../format/standing.js'
import { balances, readBalances } from '../state/live.js'
import { href } from '../state/router.js'
import { Amount } from '../ui/amount.js'
import { Badge } from '../ui/badge.js'
import { BalanceBar } from '../ui/balance-bar.js'
import { Field } from '../ui/field.js'
import { Page, Panel } from '../ui/page.js'
import { View } from '../ui/states.js'
import { type Column, Table } from '../ui/table.js'
import { type Loaded, useLoad } from '../ui/use-load.js'

/** Other processes on the same store change balances without telling this one. */
const BALANCES_INTERVAL_MS = 15_000

export const useAccounts = (): Loaded<readonly Account[]> =>
  useLoad(signal => apiList<Account>('/accounts?limit=1000', signal))

/** Keeps all balances in `balances`, as they are in the store. */
export const useBalances = () => useLoad(readBalances, [], BALANCES_INTERVAL_MS)

/** The accounts that have used some of a limit, and how much: most of it first. */
export const closest = (accounts: readonly Account[]) =>
  accounts
    .flatMap(account => {
      const books = balances.value.get(account.username)
      if (!books) return []
      const { used, level } = standing(books, account, account.relation)
      return used === undefined ? [] : [{ account, books, used, level }]
    })
    .sort((one, other) => other.used - one.used)

export const AccountLink = ({ username }: { readonly username: string }) => (
  <a href={href('accounts', username)}>{username}</a>
)

/** Whose debt a balance is. */
export const owing = ({ balance }: Balance): string =>
  balance === '0' ? '' : balance.startsWith('-') ? 'owes us' : 'we owe'

const columns: readonly Column<Account>[] = [
  {
    title: 'Account',
    isName: true,
    cell: ({ username, isDisabled }) => (
      <>
        <AccountLink username={username} /> {isDisabled && <Badge level="quiet">disabled</Badge>}
      </>
    ),
  },
  { title: 'Relation', cell: ({ relation }) => relation },
  {
    title: 'Balance',
    isNumber: true,
    cell: ({ username, asset }) => {
      const books = balances.value.get(username)
      return books ? <Amount units={books.balance} asset={asset} /> : '…'
    },
  },
  {
    title: 'Who owes',
    cell: ({ username }) => {
      const books = balances.value.get(username)
      return books && owing(books)
    },
  },
  {
    title: 'Limits',
    cell: account => {
      const books = balances.value.get(account.username)
      return books && <BalanceBar account={account} books={books} />
    },
  },
]

export function Accounts() {
  const accounts = useAccounts()
  useBalances()
  const [wanted, setWanted] = useState('')
  return (
    <Page
      title="Accounts"
      actions={
        <a class="button main" href={href('accounts', '+')}>
          New account
        </a>
      }
    >
      <View of={accounts}>
        {all => (
          <Panel title="Balances">
            {all.length > 10 && (
              <div class="filters">
                <Field label="Find an account" type="search" value={wanted} onValue={setWanted} />
              </div>
            )}
            <Table
              caption="Accounts and their balances"
              columns={columns}
              rows={all.filter(({ username }) => username.toLowerCase().includes(wanted.toLowerCase()))}
              keyOf={({ id }) => id}
              empty={all.length === 0 ? 'There are no accounts yet.' : 'No account has this in its name.'}
            />
            {all.length >= LIST_MAX && <p class="foot">These are the first {all.length} accounts.</p>}
            <p class="foot">
              A balance is what this node owes the account; it is negative when the account owes this node.
            </p>
          </Panel>
        )}
      </View>
    </Page>
  )
}
