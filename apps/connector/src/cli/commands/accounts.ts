import { type Command, Option } from 'commander'
import { type SettingOptions, settingsFrom } from '../account-settings.js'
import { accountDetails, accountTable } from '../account-texts.js'
import { segment } from '../admin-client.js'
import type { ShownAccount } from '../api-types.js'
import { type CommandLine, collect, type Result } from '../command-line.js'
import { millisecondsOf } from '../durations.js'
import { wrongUsage } from '../failure.js'
import { accountMoneyCommands } from './account-money.js'
import { accountTokenCommand } from './account-token.js'

const RELATIONS = ['parent', 'peer', 'child', 'local']

const pathOf = (username: string): string => `/accounts/${segment(username)}`

export function accountCommands(program: Command, line: CommandLine): Command {
  const accounts = line.group(
    program,
    'accounts',
    'the node’s accounts, their balances and tokens',
    'ilp-connector accounts list',
  )
  listCommand(accounts, line)
  showCommand(accounts, line)
  createCommand(accounts, line)
  changeCommand(accounts, line)
  deleteCommand(accounts, line)
  accountTokenCommand(accounts, line)
  accountMoneyCommands(accounts, line)
  return accounts
}

interface ListOptions {
  readonly relation?: string
  readonly asset?: string
  readonly origin?: string
  readonly disabled?: boolean
}

const listCommand = (accounts: Command, { add }: CommandLine): Command =>
  add<[], ListOptions>(
    accounts,
    'list',
    {
      description: 'list the accounts, or some of them',
      examples: [
        'ilp-connector accounts list',
        'ilp-connector accounts list --relation child --asset USD --json',
      ],
    },
    async ({ node }, _, { relation, asset: assetCode, origin, disabled }) => {
      const isDisabled = disabled ? 'true' : undefined
      const query = { relation, assetCode, origin, isDisabled }
      const found = await (await node()).all<ShownAccount>('/accounts', query)
      return { document: found, text: style => accountTable(found, style) }
    },
  )
    .addOption(new Option('--relation <relation>', 'only these').choices(RELATIONS))
    .option('--asset <code>', 'only those in this asset')
    .addOption(
      new Option('--origin <origin>', 'only those of the file, or of the API').choices(['file', 'api']),
    )
    .option('--disabled', 'only those that are disabled')

const showCommand = (accounts: Command, { add }: CommandLine): Command =>
  add<[string]>(
    accounts,
    'show <username>',
    {
      description: 'show the settings of an account, which has no tokens in them',
      examples: ['ilp-connector accounts show bob'],
    },
    async ({ node }, [username]) => shown(await (await node()).call<ShownAccount>('GET', pathOf(username))),
  )

const shown = (account: ShownAccount): Result => ({ document: account, text: () => accountDetails(account) })

const SETTINGS_NOTE = `Settings are those of an account in the configuration file: minBalance, btp.outgoing.url, …
Tokens are best read from a file or the standard input, with --set-file.`

const withSettings = (command: Command): Command =>
  command
    .option('--set <setting=value>', 'sets this; may be given again', collect)
    .option('--set-file <setting=file>', 'sets it to what the file holds, - for standard input', collect)
    .option('--file <file>', 'settings in YAML or JSON, - for standard input')

interface CreateOptions extends SettingOptions {
  readonly relation?: string
  readonly asset?: string
  readonly key?: string
}

function createCommand(accounts: Command, { add }: CommandLine): void {
  const command = add<[string | undefined], CreateOptions>(
    accounts,
    'create [username]',
    {
      description: 'make an account',
      examples: [
        'ilp-connector accounts create carol --relation child --asset USD/9 --set minBalance=-1000000',
        'ilp-connector accounts create dave --relation peer --asset EUR/6 --set btp.outgoing.url=wss://dave.example/btp --set-file btp.outgoing.token=token.txt',
        'ilp-connector accounts create --file account.yaml --key first-try',
      ],
      notes: SETTINGS_NOTE,
    },
    async ({ node, terminal }, [username], options) => {
      const { relation, asset } = options
      const settings: Record<string, unknown> = {
        ...(await settingsFrom(options, {}, terminal)),
        ...(username !== undefined && { username }),
        ...(relation !== undefined && { relation }),
        ...(asset !== undefined && { asset: assetOf(asset) }),
      }
      for (const name of ['username', 'relation', 'asset']) {
        if (settings[name] === undefined) {
          throw wrongUsage(
            `the account has no ${name}`,
            'Such as: ilp-connector accounts create carol --relation child --asset USD/9',
          )
        }
      }
      const { key } = options
      const request = { body: settings, ...(key !== undefined && { key }) }
      return shown(await (await node()).call<ShownAccount>('POST', '/accounts', request))
    },
  )
    .addOption(new Option('--relation <relation>', 'what the peer is to this node').choices(RELATIONS))
    .option('--asset <code/scale>', 'what amounts are counted in')
  withSettings(command).option('--key <key>', 'makes it once, however often it is run with this key')
}

function assetOf(text: string): { readonly code: string; readonly scale: number } {
  const [, code = '', scale = ''] = /^(.+)\/([0-9]{1,3})$/.exec(text) ?? []
  if (code === '') throw wrongUsage(`the asset is ${text}: expected CODE/SCALE, such as USD/9`)
  return { code, scale: Number(scale) }
}

interface ChangeOptions extends SettingOptions {
  readonly enable?: boolean
  readonly disable?: boolean
}

function changeCommand(accounts: Command, { add }: CommandLine): void {
  const command = add<[string], ChangeOptions>(
    accounts,
    'change <username>',
    {
      description: 'change settings of an account that the API has made',
      examples: [
        'ilp-connector accounts change carol --set maxPacketAmount=50000 --unset rateLimit',
        'ilp-connector accounts change carol --set-file http.outgoing.token=- < token.txt',
        'ilp-connector accounts change carol --disable',
      ],
      notes: SETTINGS_NOTE,
    },
    async ({ node: nodeOf, terminal }, [username], options) => {
      const { enable, disable } = options
      if (enable && disable) throw wrongUsage('both --enable and --disable are given')
      const node = await nodeOf()
      const former = await node.call<ShownAccount>('GET', pathOf(username))
      const body = {
        ...(await settingsFrom(options, former, terminal)),
        ...((enable || disable) && { isDisabled: disable === true }),
      }
      if (Object.keys(body).length === 0)
        throw wrongUsage('nothing is to be changed', 'Use --set or --unset.')
      const fixed = ['username', 'id', 'asset'].find(name => Object.hasOwn(body, name))
      if (fixed !== undefined) {
        throw wrongUsage(`the ${fixed} of an account never changes`, 'Make another account for that.')
      }
      return shown(await node.call<ShownAccount>('PATCH', pathOf(username), { body }))
    },
  )
  withSettings(command)
    .option('--unset <setting>', 'takes this away; may be given again', collect)
    .option('--enable', 'lets its packets in again')
    .option('--disable', 'keeps its packets out')
}

interface DeleteOptions {
  readonly wait: string
  readonly writeOff?: string
}

const deleteCommand = (accounts: Command, { add }: CommandLine): Command =>
  add<[string], DeleteOptions>(
    accounts,
    'delete <username>',
    {
      description: 'disable an account, wait for its packets in flight, and delete it',
      examples: [
        'ilp-connector accounts delete carol',
        'ilp-connector accounts delete carol --wait 30s --write-off "the customer is gone"',
      ],
      notes:
        'With a balance that is not zero, or a settlement on its way, it stays disabled and is not deleted.',
    },
    async ({ node }, [username], { wait, writeOff }) => {
      const waitMs = millisecondsOf(wait, '--wait', '30s')
      const request = { query: { waitMs, writeOff }, timeoutMs: waitMs + 30_000 }
      await (await node()).call('DELETE', pathOf(username), request)
      return { document: { deleted: username }, text: () => `${username} is deleted` }
    },
  )
    .option('--wait <time>', 'for packets in flight, 30s at most', '5s')
    .option('--write-off <reason>', 'what is left of the balance, and why')
