import { type LoadResult, runBtpLoad, startIlpConnector } from '@ilp/test-peers'

/** 500 packets from alice to bob through npm's connector, 50 at a time, and who owes it what in the end. */
export async function payBobThroughNpm(): Promise<[LoadResult, Record<string, bigint>]> {
  const asset = { code: 'USD', scale: 9 }
  const connector = await startIlpConnector({
    address: 'test.npm',
    accounts: {
      alice: { relation: 'child', asset, btp: { listen: { token: 'of-alice' } } },
      bob: { relation: 'child', asset, btp: { listen: { token: 'of-bob' } } },
    },
  })
  try {
    const result = await runBtpLoad({
      sender: { url: connector.url('alice'), token: 'of-alice' },
      receiver: { url: connector.url('bob'), token: 'of-bob' },
      destination: 'test.npm.bob.shop',
      amount: 3n,
      window: 50,
      packets: 500,
    })
    return [result, await connector.balances()]
  } finally {
    await connector.stop()
  }
}
