import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { type AdminClient, segment } from '../admin-client.js'
import { decimal, money, unitsOf } from '../amounts.js'
import type { ShownAccount, ShownAdjustment, ShownBalance, ShownPosition } from '../api-types.js'
import type { CommandLine, Result } from '../command-line.js'
import { moment } from '../durations.js'
import { Failure, isUnclear } from '../failure.js'
import type { Style } from '../style.js'
import { fields, tableOr } from '../table.js'

export function accountMoneyCommands(accounts: Command, line: CommandLine): void {
  balanceCommand(accounts, line)
  adjustCommand(accounts, line)
  adjustmentsCommand(accounts, line)
}

interface NamedBalance extends ShownBalance {
  readonly account: string
}

const balanceCommand = (accounts: Command, { add }: CommandLine): Command =>
  add<[string[]]>(
    accounts,
    'balance [username...]',
    {
      description: 'show what the node owes these accounts, or all; negative: they owe the node',
      examples: ['ilp-connector accounts balance bob', 'ilp-connector accounts balance --json'],
      notes: 'Held is what packets in flight may take from the account (out) or bring to it (in).',
    },
    async ({ node: nodeOf }, [usernames]) => {
      const node = await nodeOf()
      if (usernames.length === 1) {
        const [username = ''] = usernames
        return oneBalance(await balanceOf(node, username))
      }
      const balances =
        usernames.length === 0
          ? await node.all<NamedBalance>('/balances')
          : await Promise.all(usernames.map(username => balanceOf(node, username)))
      return { document: balances, text: style => balanceTable(balances, style) }
    },
  )

async function balanceOf(node: AdminClient, username: string): Promise<NamedBalance> {
  const shown = await node.call<ShownBalance>('GET', `/accounts/${segment(username)}/balance`)
  return { account: username, ...shown }
}

const oneBalance = (shown: NamedBalance): Result => ({
  document: shown,
  text: () => {
    const { account, asset, balance, heldOut, heldIn } = shown
    const both = (units: string) => `${money(units, asset)} (${units} units)`
    return fields([
      ['account', account],
      ['balance', `${both(balance)}${meaning(balance)}`],
      ['held out', both(heldOut)],
      ['held in', both(heldIn)],
    ])
  },
})

function meaning(balance: string): string {
  if (balance === '0') return ''
  return balance.startsWith('-') ? ', which it owes the node' : ', which the node owes it'
}

const balanceTable = (balances: readonly NamedBalance[], style: Style): string =>
  tableOr(
    'no accounts',
    [
      { title: 'account' },
      { title: 'balance', align: 'right' },
      { title: 'held out', align: 'right' },
      { title: 'held in', align: 'right' },
      { title: 'asset' },
      { title: 'units', align: 'right' },
    ],
    balances.map(({ account, asset, balance, heldOut, heldIn }) => [
      account,
      decimal(balance, asset),
      decimal(heldOut, asset),
      decimal(heldIn, asset),
      asset.code,
      balance,
    ]),
    style,
  )

interface AdjustOptions {
  readonly reason: string
  readonly key?: string
}

const adjustCommand = (accounts: Command, { add }: CommandLine): Command =>
  add<[string, string], AdjustOptions>(
    accounts,
    'adjust <username> <amount>',
    {
      description: 'post money by hand: a settlement at a bank, a reconciliation',
      examples: [
        'ilp-connector accounts adjust bob 1500000 --reason "bank transfer of 3 May"',
        'ilp-connector accounts adjust bob --reason "paid twice" -- -1.50USD',
      ],
      notes: `A positive amount is what the node owes the account from now on: the account has paid. It is posted across any
limit. A whole number is units; 1.50USD is so much of the asset. Run it with the same --key again to be sure that
it is posted, and once.`,
    },
    async ({ node: nodeOf }, [username, text], { reason, key = randomUUID() }) => {
      const node = await nodeOf()
      const path = `/accounts/${segment(username)}`
      const { asset } = await node.call<ShownAccount>('GET', path)
      const body = { amount: unitsOf(text, asset).toString(), reason }
      const again = `Run it again with --key ${key}: then it is posted once.`
      const posted = await node
        .call<object>('POST', `${path}/adjustments`, { body, key })
        .catch((error: unknown) => {
          throw isUnclear(error) ? new Failure(error.message, { ...error.details, next: again }) : error
        })
      const shown = await balanceOf(node, username)
      const text_ = () => `${money(body.amount, asset)} posted to ${username}; ${balanceLine(shown)}`
      return { document: { account: username, asset, ...posted }, text: text_ }
    },
  )
    .requiredOption('--reason <text>', 'why, for whoever looks at it later')
    .option('--key <key>', 'posts it once, however often it is run with this key')

const balanceLine = ({ balance, asset }: NamedBalance): string => `the balance is ${money(balance, asset)}`

const adjustmentsCommand = (accounts: Command, { add }: CommandLine): Command =>
  add<[string]>(
    accounts,
    'adjustments <username>',
    {
      description: 'list what was posted to an account by hand, the newest first',
      examples: ['ilp-connector accounts adjustments bob'],
    },
    async ({ node: nodeOf }, [username]) => {
      const node = await nodeOf()
      const path = `/accounts/${segment(username)}`
      const [{ asset }, posted] = await Promise.all([
        node.call<ShownAccount>('GET', path),
        node.call<ShownAdjustment[]>('GET', `${path}/adjustments`, { query: { limit: 1_000 } }),
      ])
      const columns = [
        { title: 'posted' },
        { title: 'amount', align: 'right' },
        { title: 'asset' },
        { title: 'reason' },
        { title: 'key' },
      ] as const
      const rows = posted.map(one => [
        moment(one.postedAtMs),
        decimal(one.amount, asset),
        asset.code,
        one.reason,
        one.key,
      ])
      return { document: posted, text: style => tableOr('no adjustments', columns, rows, style) }
    },
  )

export const positionsCommand = (program: Command, { add }: CommandLine): Command =>
  add(
    program,
    'positions',
    {
      description: 'show the node’s own positions, the counterparts of all balances',
      examples: ['ilp-connector positions', 'ilp-connector positions --json'],
      notes: 'For each asset, balances and positions together are zero.',
    },
    async ({ node }) => {
      const positions = await (await node()).call<ShownPosition[]>('GET', '/positions')
      const columns = [
        { title: 'asset' },
        { title: 'packets', align: 'right' },
        { title: 'settled', align: 'right' },
        { title: 'adjusted', align: 'right' },
      ] as const
      const rows = positions.map(({ asset, balance, settled, adjusted }) => [
        asset.code,
        decimal(balance, asset),
        decimal(settled, asset),
        decimal(adjusted, asset),
      ])
      return { document: positions, text: style => tableOr('no positions yet', columns, rows, style) }
    },
  )
