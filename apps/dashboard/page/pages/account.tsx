import { useState } from 'preact/hooks'
import { accountPath, api } from '../api/client.js'
import type { Account } from '../api/types.js'
import { amountText } from '../format/amount.js'
import { balances, links, readBalance } from '../state/live.js'
import { address } from '../state/node.js'
import { say } from '../state/notice.js'
import { href } from '../state/router.js'
import { Address } from '../ui/address.js'
import { Amount } from '../ui/amount.js'
import { Badge } from '../ui/badge.js'
import { BalanceBar } from '../ui/balance-bar.js'
import { Facts } from '../ui/facts.js'
import { Page, Panel } from '../ui/page.js'
import { Failed, View } from '../ui/states.js'
import { useDoing } from '../ui/use-doing.js'
import { useLoad } from '../ui/use-load.js'
import { DeleteAccount, NewToken } from './account-dialogs.js'
import { owing } from './accounts.js'
import { Adjustments } from './adjustments.js'
import { LinkBadge, reconnect, useLinks } from './links.js'

export function AccountPage({ username }: { readonly username: string }) {
  const account = useLoad(signal => api<Account>(accountPath(username), { signal }), [username])
  return (
    <Page
      title={username}
      above={<a href={href('accounts')}>Accounts</a>}
      actions={account.data && <Actions account={account.data} changed={account.reload} />}
    >
      <View of={account}>
        {data => (
          <>
            {data.origin === 'file' && (
              <p class="note">The configuration file manages this account: it can’t be changed here.</p>
            )}
            <div class="columns">
              <Books account={data} />
              <Connections account={data} />
              <Settings account={data} />
              <Adjustments account={data} />
            </div>
          </>
        )}
      </View>
    </Page>
  )
}

function Actions({ account, changed }: { readonly account: Account; readonly changed: () => void }) {
  const [open, setOpen] = useState<'delete' | 'token'>()
  const { isBusy, error, run } = useDoing()
  const { username, isDisabled, origin } = account
  const close = () => setOpen(undefined)
  const able = async () => {
    await api(accountPath(username), { method: 'PATCH', body: { isDisabled: !isDisabled } })
    say(isDisabled ? `${username} takes part again` : `${username} is disabled`)
    changed()
  }
  if (origin === 'file' && !isDisabled) return null
  return (
    <>
      {origin === 'api' && (
        <>
          <a class="button" href={href('accounts', username, 'edit')}>
            Edit
          </a>
          <button type="button" onClick={() => setOpen('token')}>
            New token
          </button>
          <button type="button" aria-disabled={isBusy} onClick={() => run(able)}>
            {isDisabled ? 'Enable' : 'Disable'}
          </button>
        </>
      )}
      <button type="button" class="danger" onClick={() => setOpen('delete')}>
        Delete
      </button>
      {error !== undefined && <Failed error={error} />}
      {open === 'delete' && <DeleteAccount account={account} onClose={close} changed={changed} />}
      {open === 'token' && <NewToken account={account} onClose={close} />}
    </>
  )
}

function Books({ account }: { readonly account: Account }) {
  const { username, asset, minBalance, maxBalance, relation } = account
  const read = useLoad(signal => readBalance(username, signal).then(() => true), [username], 15_000)
  const books = balances.value.get(username)
  const limit = (units: string | undefined, otherwise: string) =>
    units === undefined ? otherwise : amountText(units, asset)
  return (
    <Panel title="Balance" aside={account.isDisabled && <Badge level="quiet">disabled</Badge>}>
      <View of={read}>
        {() =>
          books && (
            <>
              <p class="large">
                <Amount units={books.balance} asset={asset} /> <span class="muted">{owing(books)}</span>
              </p>
              <BalanceBar account={account} books={books} />
              <Facts
                facts={[
                  ['Lowest', limit(minBalance, relation === 'local' ? 'no limit' : amountText('0', asset))],
                  ['Highest', limit(maxBalance, 'no limit')],
                  ['In packets from it', amountText(books.heldOut, asset)],
                  ['In packets to it', amountText(books.heldIn, asset)],
                ]}
              />
            </>
          )
        }
      </View>
    </Panel>
  )
}

function Connections({ account: { username, http, btp, relation } }: { readonly account: Account }) {
  const read = useLinks()
  const { isBusy, error, run } = useDoing()
  const link = links.value.get(username)
  return (
    <Panel
      title="Links"
      aside={
        link && (
          <button
            type="button"
            class="small"
            aria-disabled={isBusy}
            onClick={() => run(() => reconnect(username))}
          >
            Reconnect
          </button>
        )
      }
    >
      {error !== undefined && <Failed error={error} />}
      <View of={read}>
        {() => (
          <Facts
            facts={[
              [
                'BTP',
                link ? <LinkBadge link={link} /> : relation === 'local' ? 'not needed' : 'not connected',
              ],
              ['BTP to', btp?.outgoing?.url ?? 'the peer connects'],
              ['HTTP to', http?.outgoing?.url ?? 'none'],
              ['Packets without an answer', String(link?.pending ?? 0)],
            ]}
          />
        )}
      </View>
    </Panel>
  )
}

function Settings({ account }: { readonly account: Account }) {
  const { asset, rateLimit, outgoingRateLimit, settlement } = account
  const perMinute = (limit: Account['rateLimit']) =>
    [
      limit?.packetsPerMinute !== undefined && `${limit.packetsPerMinute} packets`,
      limit?.amountPerMinute !== undefined && amountText(limit.amountPerMinute, asset),
    ]
      .filter(Boolean)
      .join(', ') || 'no limit'
  return (
    <Panel title="Settings">
      <Facts
        facts={[
          ['Relation', account.relation],
          [
            'ILP address',
            <Address
              key="address"
              max={1_023}
              of={account.ilpAddress ?? `${address.value}.${account.username}`}
            />,
          ],
          ['Asset', `${asset.code}, scale ${asset.scale}`],
          [
            'Largest packet',
            account.maxPacketAmount === undefined ? 'no limit' : amountText(account.maxPacketAmount, asset),
          ],
          ['From it, a minute', perMinute(rateLimit)],
          ['To it, a minute', perMinute(outgoingRateLimit)],
          ['Settlement engine', settlement?.engineUrl ?? 'none'],
          ['Id', account.id],
        ]}
      />
    </Panel>
  )
}
