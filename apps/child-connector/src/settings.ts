import { parseArgs } from 'node:util'
import type { ChildOptions } from './options.js'

export const HELP = `A connector with one account of its own, behind a parent that it dials over BTP.

  ilp-child-connector --parent wss://alice.example/btp --asset USD/9 [--account me] [--owes 1000000]
                      [--listen 127.0.0.1:7790] [--data ./data]

  --parent    the parent's BTP server
  --asset     code and scale that the parent counts in with this node
  --account   the name of the account; "me" unless given
  --owes      the most that the parent may owe this node, in units: 0 unless given
  --listen    where programs of this machine send packets (/ilp) and query SPSP (/accounts/me/spsp)
  --data      a folder for the balances; without it, they end with the process

  ILP_PARENT_TOKEN   the token that the parent has given to this node
  ILP_LOCAL_TOKEN    what programs present at --listen
  ILP_SECRET_SEED    64 hexadecimal digits: openssl rand -hex 32`

export interface Settings {
  readonly options: ChildOptions
  /** The folder for the balances. */
  readonly data: string | undefined
}

/**
 * What the command is told by its arguments and its environment; undefined when it is asked for help.
 * @throws Error that says what was expected
 */
export function readSettings(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      parent: { type: 'string' },
      asset: { type: 'string' },
      account: { type: 'string', default: 'me' },
      owes: { type: 'string', default: '0' },
      listen: { type: 'string' },
      data: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const { ILP_PARENT_TOKEN: token, ILP_LOCAL_TOKEN: local, ILP_SECRET_SEED: secretSeed = '' } = environment
  const { parent = '', account, owes, data } = values
  const [, code, scale] = /^(.+)\/([0-9]{1,3})$/.exec(values.asset ?? '') ?? []
  const [, host, port] = /^\[?(.+?)\]?:([0-9]{1,5})$/.exec(values.listen ?? '127.0.0.1:0') ?? []
  const expect = (isGiven: unknown, what: string) => {
    if (!isGiven) throw new Error(`expected ${what}\n\n${HELP}`)
  }
  expect(/^wss?:\/\/[^@]+$/.test(parent) && URL.canParse(parent), 'a ws:// or wss:// URL in --parent')
  expect(code && Number(scale) <= 255, 'a code and a scale of 0 to 255 in --asset, such as USD/9')
  expect(/^[0-9]{1,40}$/.test(owes), 'a whole number in --owes')
  expect(host && Number(port) <= 65_535, 'HOST:PORT in --listen')
  expect(token, 'a token in ILP_PARENT_TOKEN')
  expect(local || values.listen === undefined, 'a token in ILP_LOCAL_TOKEN, since --listen is given')
  expect(/^[0-9a-fA-F]{64}$/.test(secretSeed), '64 hexadecimal digits in ILP_SECRET_SEED')
  const options: ChildOptions = {
    parent: { url: parent, token: token as string, minBalance: -BigInt(owes) },
    asset: { code: code as string, scale: Number(scale) },
    accounts: [{ username: account, tokens: local ? [local] : [] }],
    ...(values.listen !== undefined && { listen: { host: host as string, port: Number(port) } }),
    secretSeed,
  }
  return { options, data }
}
