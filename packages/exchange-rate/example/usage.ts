import { exchangeRate, staticRates } from '@ilp/exchange-rate'
import { accountId, type OutgoingRequest, Prepare, type Service, stack, unreachable } from '@ilp/service-core'

/** The end of this chain: knows no way on, but says how much would have gone it. */
const end: Service<OutgoingRequest> = {
  ready: () => Promise.resolve(),
  call: ({ prepare }) => Promise.resolve(unreachable('test.node', `no link for ${prepare.amount} units`)),
}

/** 100.00 EUR on their way to an account in USD of scale 6. */
export async function exchangeOneHundredEuros(): Promise<string> {
  const rates = staticRates({ rates: { USD: '1', EUR: '1.08' }, spread: '0.002' })
  const from = { id: accountId('alice'), asset: { code: 'EUR', scale: 2 } }
  const to = { id: accountId('bob'), asset: { code: 'USD', scale: 6 } }

  const chain = stack<OutgoingRequest<typeof from>>()
    .use(exchangeRate({ address: () => 'test.node', rates }))
    .around(end)

  const prepare = Prepare.create({
    units: 10_000n,
    expiresAt: new Date(Date.now() + 30_000),
    executionCondition: new Uint8Array(32),
    destination: 'test.node.bob',
    data: new Uint8Array(0),
  })
  const reply = await chain.call({ from, to, incomingAmount: prepare.units, prepare })
  return 'message' in reply ? reply.message : 'fulfilled'
}
