import type { Account, IncomingRequest, OutgoingRequest, Service } from '@ilp/service-core'
import { stack } from '@ilp/service-core'
import { test } from 'vitest'
import { type BtpClientAccount, type BtpClientDeps, btpClient } from './index.js'

interface Rich extends BtpClientAccount {
  readonly minBalance: bigint
}
declare const deps: BtpClientDeps<Rich>
declare const end: Service<OutgoingRequest<Rich>>

test('requests keep what their accounts have', () => {
  stack<OutgoingRequest<Rich>>().use(btpClient(deps)).around(end)
})

test('it needs a router before it', () => {
  // @ts-expect-error
  stack<IncomingRequest<Rich>>().use(btpClient(deps))
})

test('accounts without the field are none of its', () => {
  interface Other extends Account {
    readonly btp: string
  }
  // @ts-expect-error
  btpClient({} as BtpClientDeps<Other>)
})
