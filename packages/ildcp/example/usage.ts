import { createAddressLearner, fetchConfiguration, ildcp } from '@ilp/ildcp'
import { type IncomingRequest, silentLogger, stack } from '@ilp/service-core'
import { fulfillingService, testAccount } from '@ilp/service-testing'

const self = testAccount('self', { relation: 'local' })
const child = testAccount('child')
const parent = testAccount('parent', { relation: 'parent' })

/** The parent's side: children get addresses below its own. */
const parentNode = stack<IncomingRequest<typeof child>>()
  .use(ildcp({ address: () => 'test.parent', addressOf: ({ id }) => `test.parent.${id}` }))
  .around(fulfillingService())

/** The child's side: a chain whose client reaches the parent, where the packets come from the account `child`. */
const outgoing = {
  call: ({ prepare }: IncomingRequest) => parentNode.call({ from: child, prepare }),
}

/** Starts a child, and returns the address that it learns. */
export async function learnAddress(): Promise<string> {
  return new Promise(resolve => {
    const learner = createAddressLearner({
      fetch: () => fetchConfiguration(outgoing, { self, parent, timeoutMs: 5_000 }),
      learned: async ({ address }) => {
        resolve(address)
        void learner.stop()
      },
      logger: silentLogger,
    })
    void learner.start()
  })
}
