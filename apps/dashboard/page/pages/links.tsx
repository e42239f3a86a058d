import { accountPath, api, apiList } from '../api/client.js'
import type { Connection, HttpConnection } from '../api/types.js'
import { timeText } from '../format/time.js'
import { links, readLinks } from '../state/live.js'
import { say } from '../state/notice.js'
import { Badge } from '../ui/badge.js'
import { Page, Panel } from '../ui/page.js'
import { Failed, View } from '../ui/states.js'
import { type Column, Table } from '../ui/table.js'
import { useDoing } from '../ui/use-doing.js'
import { useLoad } from '../ui/use-load.js'
import { AccountLink } from './accounts.js'

const LINKS_INTERVAL_MS = 5_000

/** Reads the links into `links`, and goes on doing so: what waits on them is not told of. */
export const useLinks = () => useLoad(signal => readLinks(signal).then(() => true), [], LINKS_INTERVAL_MS)

/** A link that is dialled and not there is broken; one that the peer makes may come and go. */
export const LinkBadge = ({ link: { isUp, dials } }: { readonly link: Connection }) =>
  isUp ? (
    <Badge level="ok">up</Badge>
  ) : (
    <Badge level="bad">{dials === null ? 'down' : 'down, dialling'}</Badge>
  )

export const useHttpLinks = () =>
  useLoad(signal => apiList<HttpConnection>('/connections/http?limit=1000', signal), [], LINKS_INTERVAL_MS)

/** Makes the account's connections anew. */
export async function reconnect(username: string): Promise<void> {
  await api(accountPath(username, '/reconnect'), { method: 'POST' })
  say(`The connections of ${username} are made anew`)
}

export function Links() {
  const btp = useLinks()
  const http = useHttpLinks()
  return (
    <Page title="Links">
      <Panel title="BTP">
        <View of={btp}>{() => <BtpLinks rows={[...links.value.values()]} />}</View>
      </Panel>
      <Panel title="ILP over HTTP">
        <View of={http}>
          {rows => (
            <Table
              caption="Accounts that packets are posted to"
              columns={httpColumns}
              rows={rows}
              keyOf={({ account }) => account}
              empty="Packets are posted to no account."
            />
          )}
        </View>
      </Panel>
    </Page>
  )
}

const httpColumns: readonly Column<HttpConnection>[] = [
  { title: 'Account', isName: true, cell: ({ account }) => <AccountLink username={account} /> },
  {
    title: 'State',
    cell: ({ isFailing, lastSuccessAtMs, lastFailure }) =>
      isFailing ? (
        <>
          <Badge level="bad">failing</Badge> <span class="muted">{lastFailure}</span>
        </>
      ) : lastSuccessAtMs === null ? (
        <Badge level="quiet">not used yet</Badge>
      ) : (
        <Badge level="ok">up</Badge>
      ),
  },
  { title: 'Posts to', cell: ({ posts }) => <span class="url">{posts}</span> },
  {
    title: 'Last taken',
    cell: ({ lastSuccessAtMs }) => (lastSuccessAtMs === null ? 'never' : timeText(lastSuccessAtMs)),
  },
  { title: 'Waiting', isNumber: true, cell: ({ inFlight }) => inFlight },
]

function BtpLinks({ rows }: { readonly rows: readonly Connection[] }) {
  const { isBusy, error, run } = useDoing()
  return (
    <>
      {error !== undefined && <Failed error={error} />}
      <Table
        caption="BTP links of this process"
        columns={[
          { title: 'Account', isName: true, cell: ({ account }) => <AccountLink username={account} /> },
          { title: 'State', cell: link => <LinkBadge link={link} /> },
          {
            title: 'Dials',
            cell: ({ dials }) => (dials === null ? 'the peer connects' : <span class="url">{dials}</span>),
          },
          { title: 'Connections', isNumber: true, cell: ({ sessions }) => sessions },
          { title: 'Waiting', isNumber: true, cell: ({ pending }) => pending },
          {
            title: 'Action',
            isAction: true,
            cell: ({ account }) => (
              <button
                type="button"
                class="small"
                aria-disabled={isBusy}
                onClick={() => run(() => reconnect(account))}
              >
                Reconnect<span class="unseen"> {account}</span>
              </button>
            ),
          },
        ]}
        rows={rows}
        keyOf={({ account }) => account}
        empty="No peer is connected, and none is dialled."
      />
    </>
  )
}
