/**
 * A settlement engine built on npm's `ilp-settlement-core`, whose ledger is a list in Redis for each engine. What it
 * has acknowledged is on the ledger in the same step, so that it may be killed at any moment.
 */
import { connectRedis, type SettlementEngine, startServer } from 'ilp-settlement-core'
import { Redis } from 'ioredis'

const { REDIS_URL = '', PORT = '', CONNECTOR_URL = '', NAME = '', PEER = '', GREETS = '' } = process.env

type Services = Parameters<Parameters<typeof startServer>[0]>[0]
type Amount = Parameters<SettlementEngine['settle']>[1]

const QUEUE = `
  local former = redis.call('GET', KEYS[1])
  if former then return former end
  redis.call('SET', KEYS[1], ARGV[1])
  redis.call('RPUSH', KEYS[2], ARGV[2])
  return ARGV[1]`

const redis = new Redis(REDIS_URL, { keyPrefix: `${NAME}:` })
const ledger = new Redis(REDIS_URL)
const core = await connectRedis({ client: redis as never })
const Amount = (await core.loadAmountToSettle('none' as never)).constructor as new (digits: string) => Amount

const store: typeof core = {
  ...core,
  queueSettlement: async (account, key, amount) => {
    const transfer = JSON.stringify({ id: `${NAME}-${key}`, account, amount: amount.toFixed() })
    const keys = [`${NAME}:settled:${key}`, `ledger:${PEER}`]
    return new Amount((await ledger.eval(QUEUE, 2, ...keys, amount.toFixed(), transfer)) as string)
  },
}

const TRANSFERS_AT_ONCE = 32

/** Tells the connector of what has come in, and takes it off the ledger when it has heard it. */
async function credit(services: Services): Promise<void> {
  for (;;) {
    const transfers = await ledger.lrange(`ledger:${NAME}`, 0, TRANSFERS_AT_ONCE - 1)
    const credited = transfers.map(async transfer => {
      const { id, account, amount } = JSON.parse(transfer) as { id: string; account: string; amount: string }
      await services.creditSettlement(account, new Amount(amount), id)
      await ledger.lrem(`ledger:${NAME}`, 1, transfer)
    })
    await Promise.all(credited)
    if (transfers.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  }
}

await startServer(
  async services => {
    void credit(services)
    return {
      setupAccount: async account => {
        if (GREETS)
          console.log(JSON.stringify(await services.sendMessage(account, { from: NAME, to: account })))
      },
      settle: async (_, amount) => amount,
      handleMessage: async (account, message) => ({ seenBy: NAME, account, message: message as unknown }),
    }
  },
  store,
  { connectorUrl: CONNECTOR_URL, port: PORT },
)
console.log('ready')
