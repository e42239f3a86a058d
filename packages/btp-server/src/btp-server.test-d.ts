import type { Account, IncomingRequest, OutgoingRequest, Service } from '@ilp/service-core'
import { stack } from '@ilp/service-core'
import { test } from 'vitest'
import { type BtpServerAccount, type BtpServerDeps, btpServer } from './index.js'

interface Rich extends BtpServerAccount {
  readonly minBalance: bigint
}
declare const deps: BtpServerDeps<Rich>
declare const end: Service<IncomingRequest<Rich>>

test('the chain behind it gets the accounts that it authenticates against', () => {
  stack<IncomingRequest<Rich>>().use(btpServer(deps)).around(end)
})

test('accounts need a username', () => {
  // @ts-expect-error
  btpServer({} as BtpServerDeps<Account>)
})

test('it stands before the router, not behind it', () => {
  // @ts-expect-error
  stack<OutgoingRequest<Rich>>().use(btpServer(deps))
})

test('a chain that needs more of an account than it has is refused', () => {
  const layers = stack<IncomingRequest<BtpServerAccount>>().use(
    btpServer({} as BtpServerDeps<BtpServerAccount>),
  )
  // @ts-expect-error
  layers.around(end)
})
