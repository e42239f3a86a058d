import { badRequest, type IncomingRequest, type Middleware } from '@ilp/service-core'
import type { ConnectorAccount } from './account.js'

/**
 * Answers packets from accounts that are disabled: F00. Their links stay as they are, so that packets in flight from
 * before are still answered and booked.
 */
export const disabledAccounts =
  ({ address }: { readonly address: () => string }): Middleware<IncomingRequest<ConnectorAccount>> =>
  inner => ({
    ready: inner.ready,
    call: request =>
      request.from.isDisabled
        ? Promise.resolve(badRequest(address(), 'the account is disabled'))
        : inner.call(request),
  })
