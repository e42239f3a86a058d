import { parseArgs } from 'node:util'
import { isAddress } from '@ilp/service-core'
import { pino } from 'pino'
import { createReceiver, type ReceiverOptions } from './receiver.js'

const HELP = `Receives STREAM payments behind a connector that speaks ILP over HTTP.

  ilp-stream-receiver --address test.bob.shop --asset USD/9 [--listen 127.0.0.1:7780]

  --address   this receiver's ILP address: what the connector routes to it
  --asset     code and scale of the amounts
  --listen    where packets (/ilp) and SPSP queries (/.well-known/pay) are taken

  ILP_INCOMING_TOKEN   the token that the connector presents
  ILP_SECRET_SEED      64 hexadecimal digits: openssl rand -hex 32`

function settings(): ReceiverOptions {
  const { values } = parseArgs({
    options: {
      address: { type: 'string' },
      asset: { type: 'string' },
      listen: { type: 'string', default: '127.0.0.1:7780' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(HELP)
    process.exit(0)
  }
  const { ILP_INCOMING_TOKEN: token, ILP_SECRET_SEED: secretSeed } = process.env
  const asset = /^(.+)\/([0-9]{1,3})$/.exec(values.asset ?? '')
  const listen = /^\[?(.+?)\]?:([0-9]{1,5})$/.exec(values.listen)
  const expect = (isGiven: unknown, what: string) => {
    if (!isGiven) throw new Error(`expected ${what}\n\n${HELP}`)
  }
  expect(values.address !== undefined && isAddress(values.address), 'an ILP address in --address')
  expect(asset && Number(asset[2]) <= 255, 'a code and a scale of 0 to 255 in --asset, such as USD/9')
  expect(listen && Number(listen[2]) <= 65_535, 'HOST:PORT in --listen')
  expect(token, 'a token in ILP_INCOMING_TOKEN')
  expect(/^[0-9a-fA-F]{64}$/.test(secretSeed ?? ''), '64 hexadecimal digits in ILP_SECRET_SEED')
  return {
    ilpAddress: values.address as string,
    asset: { code: asset?.[1] as string, scale: Number(asset?.[2]) },
    listen: { host: listen?.[1] as string, port: Number(listen?.[2]) },
    incomingTokens: [token as string],
    secretSeed: secretSeed as string,
  }
}

const logger = pino()
try {
  const receiver = createReceiver(settings(), {
    logger,
    onMoney: ({ amount, totalReceived, streamId }) =>
      logger.info({ amount: `${amount}`, totalReceived: `${totalReceived}`, streamId }, 'received money'),
  })
  await receiver.start()
  logger.info({ url: receiver.url() }, 'ready')
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void receiver.stop())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
