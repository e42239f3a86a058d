import { type HttpClientAccount, httpClient } from '@ilp/http-client'
import { type OutgoingRequest, stack, unreachable } from '@ilp/service-core'
import { testAccount, testPrepare } from '@ilp/service-testing'

/** Sends one packet to a peer that takes them at `url`, and says what became of it. */
export async function sendOnePacket(url: string): Promise<string> {
  const chain = stack<OutgoingRequest<HttpClientAccount>>()
    .use(httpClient({ credentials: { outgoingToken: () => 'our-token' }, address: () => 'test.node' }))
    .around({
      ready: () => Promise.resolve(),
      call: () => Promise.resolve(unreachable('test.node', 'there is no link of any kind')),
    })
  await chain.start()
  const prepare = testPrepare()
  const reply = await chain.call({
    from: testAccount('alice'),
    to: testAccount('bob', { http: { outgoingUrl: url } }),
    prepare,
    incomingAmount: prepare.units,
  })
  await chain.stop()
  return 'code' in reply ? `${reply.code}: ${reply.message}` : 'fulfilled'
}
