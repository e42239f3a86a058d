import { useState } from 'preact/hooks'
import { api, apiList, LIST_MAX } from '../api/client.js'
import { type Account, ORIGINS, type Route } from '../api/types.js'
import { spanText } from '../format/time.js'
import { links } from '../state/live.js'
import { say } from '../state/notice.js'
import { Address } from '../ui/address.js'
import { Badge } from '../ui/badge.js'
import { Field, Select } from '../ui/field.js'
import { Page, Panel } from '../ui/page.js'
import { Failed, View } from '../ui/states.js'
import { type Column, Table } from '../ui/table.js'
import { useDoing } from '../ui/use-doing.js'
import { useForm } from '../ui/use-form.js'
import { useLoad } from '../ui/use-load.js'
import { AccountLink, useAccounts } from './accounts.js'
import { useLinks } from './links.js'
import { Ping } from './ping.js'

const ROUTES_INTERVAL_MS = 5_000

const ORIGIN_TEXTS = {
  static: 'static',
  own: 'own',
  account: 'account',
  learned: 'learned',
} as const

type Wanted = '' | Route['origin']

export function Routes() {
  const [origin, setOrigin] = useState<Wanted>('')
  const [wanted, setWanted] = useState('')
  const query = origin === '' ? '' : `&origin=${origin}`
  const routes = useLoad(
    signal => apiList<Route>(`/routes?limit=1000${query}`, signal),
    [origin],
    ROUTES_INTERVAL_MS,
  )
  const accounts = useAccounts()
  useLinks()
  const { isBusy, error, run } = useDoing()
  const remove = async (prefix: string) => {
    await api(`/routes?prefix=${encodeURIComponent(prefix)}`, { method: 'DELETE' })
    say(`The static route for ${prefix} is gone`)
    routes.reload()
  }
  const columns = columnsFor(accounts.data ?? [], isBusy, prefix => run(() => remove(prefix)))
  return (
    <Page title="Routes">
      <Panel title="Routing table">
        <div class="filters">
          <Field label="Find a prefix" type="search" value={wanted} onValue={setWanted} />
          <Select
            label="Origin"
            value={origin}
            onValue={setOrigin}
            options={[['', 'All'], ...ORIGINS.map(one => [one, ORIGIN_TEXTS[one]] as const)]}
          />
        </div>
        {error !== undefined && <Failed error={error} />}
        <View of={routes}>
          {all => (
            <>
              <Table
                caption="The best route of each prefix"
                columns={columns}
                rows={all.filter(({ prefix }) => prefix.includes(wanted))}
                keyOf={({ prefix }) => prefix}
                empty={all.length === 0 ? 'There are no routes of this origin.' : 'No prefix has this in it.'}
              />
              {all.length >= LIST_MAX && <p class="foot">These are the first {all.length} routes.</p>}
            </>
          )}
        </View>
      </Panel>
      <Panel title="Ping an address">
        <Ping />
      </Panel>
      <Panel title="New static route">
        <View of={accounts}>{all => <NewRoute accounts={all} made={routes.reload} />}</View>
      </Panel>
    </Page>
  )
}

const columnsFor = (
  accounts: readonly Account[],
  isBusy: boolean,
  remove: (prefix: string) => void,
): readonly Column<Route>[] => {
  const posted = new Set(accounts.filter(({ http }) => http?.outgoing).map(({ username }) => username))
  /** A link that is not there, where packets can't be posted instead. */
  const isCut = (account: string | null) =>
    account !== null && !posted.has(account) && links.value.get(account)?.isUp === false
  return [
    {
      title: 'Prefix',
      isName: true,
      cell: ({ prefix }) => (prefix === '' ? 'everything else' : <Address of={prefix} />),
    },
    {
      title: 'Next hop',
      cell: ({ account }) => (account === null ? 'this node' : <AccountLink username={account} />),
    },
    { title: 'Origin', cell: ({ origin }) => ORIGIN_TEXTS[origin] },
    {
      title: 'State',
      cell: ({ isDown, account }) =>
        isDown || isCut(account) ? <Badge level="bad">link down</Badge> : <Badge level="ok">in use</Badge>,
    },
    {
      title: 'Path',
      cell: ({ path }) =>
        path.map(node => (
          <div key={node}>
            <Address of={node} />
          </div>
        )),
    },
    { title: 'For', isNumber: true, cell: ({ sinceMs }) => spanText(Date.now() - sinceMs) },
    {
      title: 'Action',
      isAction: true,
      cell: ({ prefix, origin, isOfFile }) =>
        origin === 'static' &&
        !isOfFile && (
          <button type="button" class="small" aria-disabled={isBusy} onClick={() => remove(prefix)}>
            Remove<span class="unseen"> {prefix}</span>
          </button>
        ),
    },
  ]
}

interface NewRouteProps {
  readonly accounts: readonly Account[]
  readonly made: () => void
}

function NewRoute({ accounts, made }: NewRouteProps) {
  const [prefix, setPrefix] = useState('')
  const [chosen, setChosen] = useState('')
  const { isBusy, error, faults, send } = useForm({ prefix: 'prefix', account: 'account' })
  const account = chosen || (accounts[0]?.username ?? '')
  const make = async () => {
    await api('/routes', { method: 'POST', body: { prefix, account } })
    say(`Packets for ${prefix} go to ${account}`)
    setPrefix('')
    made()
  }
  return (
    <form class="in-line" onSubmit={event => send(event, make)}>
      <Field
        label="Prefix"
        hint="Such as test.carol"
        required
        autocomplete="off"
        value={prefix}
        onValue={setPrefix}
        error={faults.prefix}
      />
      <Select
        label="Next hop"
        value={account}
        onValue={setChosen}
        options={accounts.map(({ username }) => [username, username])}
        error={faults.account}
      />
      <button type="submit" disabled={account === ''} aria-disabled={isBusy}>
        Add the route
      </button>
      {error !== undefined && <Failed error={error} />}
    </form>
  )
}
