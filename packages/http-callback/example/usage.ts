import { type CallbackOutcome, createCallbacks } from '@ilp/http-callback'
import { accountId } from '@ilp/service-core'
import { testFulfill } from '@ilp/service-testing'

/** Posts a Fulfill to a peer's callback URL, and says what became of it within a second. */
export async function deliver(url: string, requestId: string): Promise<CallbackOutcome> {
  await using callbacks = createCallbacks({ token: () => 'our-token' }, { retryDelayMs: 50 })
  await callbacks.start()
  return await callbacks.post({
    account: accountId('alice'),
    url,
    requestId,
    body: testFulfill().toBuffer(),
    expiresAtMs: Date.now() + 1_000,
  })
}
