import {
  type Account,
  type IncomingRequest,
  type OutgoingRequest,
  type Service,
  stack,
} from '@ilp/service-core'
import { test } from 'vitest'
import { type EchoDeps, echo } from './index.js'

interface Rich extends Account {
  readonly url: string
}

const deps = {} as EchoDeps<Rich>

test('it stands above the router', () => {
  stack<IncomingRequest<Rich>>().use(echo(deps))
})

test('its chain behind the router takes its accounts', () => {
  const outgoing = {} as Service<OutgoingRequest<Rich & { readonly asset: string }>>
  // @ts-expect-error the accounts of the chain have more than these
  echo<Rich>({ ...deps, outgoing })
})
