import { useEffect } from 'preact/hooks'
import { AccountPage } from './pages/account.js'
import { EditAccount, NewAccount } from './pages/account-form.js'
import { Accounts } from './pages/accounts.js'
import { Links } from './pages/links.js'
import { Login } from './pages/login.js'
import { Overview } from './pages/overview.js'
import { Packets } from './pages/packets.js'
import { Payments } from './pages/payments.js'
import { Rates } from './pages/rates.js'
import { Reconciliation } from './pages/reconciliation.js'
import { Routes } from './pages/routes.js'
import { Settlements } from './pages/settlements.js'
import { Shell } from './shell.js'
import { follow } from './state/live.js'
import { place } from './state/router.js'
import { token } from './state/session.js'
import { watchTraffic } from './state/traffic.js'
import { Page } from './ui/page.js'
import { Empty } from './ui/states.js'

/** Nothing is asked for, and nothing shown, before there is a token. */
export const App = () => (token.value === undefined ? <Login /> : <Session key={token.value} />)

function Session() {
  useEffect(() => {
    const over = new AbortController()
    void follow(over.signal)
    void watchTraffic(over.signal)
    return () => over.abort()
  }, [])
  return (
    <Shell>
      <Place key={place.value.join('/')} />
    </Shell>
  )
}

function Place() {
  const [first, second, third] = place.value
  switch (first) {
    case undefined:
      return <Overview />
    case 'accounts':
      if (second === undefined) return <Accounts />
      if (second === '+') return <NewAccount />
      return third === 'edit' ? <EditAccount username={second} /> : <AccountPage username={second} />
    case 'links':
      return <Links />
    case 'routes':
      return <Routes />
    case 'rates':
      return <Rates />
    case 'packets':
      return <Packets />
    case 'payments':
      return <Payments />
    case 'settlements':
      return <Settlements />
    case 'reconciliation':
      return <Reconciliation />
    default:
      return (
        <Page title="Not found">
          <Empty>There is no such page.</Empty>
        </Page>
      )
  }
}
