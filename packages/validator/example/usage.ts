import { type IncomingRequest, type OutgoingRequest, silentLogger, stack } from '@ilp/service-core'
import { scriptedService, testAccount, testPrepare } from '@ilp/service-testing'
import { incomingValidator, outgoingValidator } from '@ilp/validator'

const address = () => 'test.node'
const nextHop = scriptedService<OutgoingRequest>()

const layer = outgoingValidator({
  address,
  logger: silentLogger,
  onLateFulfill: ({ to, prepare }) => console.warn(`${to.id} may claim ${prepare.units}`),
})

const outgoing = stack<OutgoingRequest>().use(layer).around(nextHop)

const incoming = stack<IncomingRequest>()
  .use(incomingValidator({ address }))
  .route<OutgoingRequest>(inner => ({
    ready: inner.ready,
    call: ({ from, prepare }) =>
      inner.call({ from, prepare, to: testAccount('bob'), incomingAmount: prepare.units }),
  }))
  .around(outgoing)

/** What the sender gets when the next hop never answers. */
export async function sendInVain(): Promise<string> {
  const prepare = testPrepare({ expiresAt: new Date(Date.now() + 50) })
  const reply = await incoming.call({ from: testAccount('alice'), prepare })
  return 'code' in reply ? reply.code : 'fulfilled'
}

export const { stats } = layer
