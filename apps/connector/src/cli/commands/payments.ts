import type { Command } from 'commander'
import { type AdminClient, segment } from '../admin-client.js'
import type { ShownPayment } from '../api-types.js'
import type { CommandLine } from '../command-line.js'
import { followPayment, interruption, paymentPath, paymentResult } from '../follow-payment.js'
import { localAccount } from '../own-account.js'
import { paymentTable, paymentText } from '../payment-texts.js'

interface PaymentOptions {
  readonly account?: string
}

const withAccount = (command: Command): Command =>
  command.option('--account <username>', 'the local account that pays; needed where there are several')

export function paymentCommands(program: Command, line: CommandLine): Command {
  const payments = line.group(
    program,
    'payments',
    'payments that this process of the node has made',
    'ilp-connector payments list --account alice',
  )
  const { add } = line
  withAccount(
    add<[], PaymentOptions>(
      payments,
      'list',
      {
        description: 'list the payments of an account, the latest first',
        examples: ['ilp-connector payments list --account alice'],
      },
      async ({ node: nodeOf }, _, options) => {
        const node = await nodeOf()
        const { username } = await localAccount(node, options.account)
        const path = `/accounts/${segment(username)}/payments`
        const found = await node.call<ShownPayment[]>('GET', path, { query: { limit: 1_000 } })
        return { document: found, text: style => paymentTable(found, style) }
      },
    ),
  )
  withAccount(
    add<[string], PaymentOptions>(
      payments,
      'show <id>',
      {
        description: 'show how far a payment has come',
        examples: ['ilp-connector payments show 0b5e4c1e-7d1f-4d1b-9a51-6a3c8f1f2d10'],
      },
      async ({ node }, [id], options) => {
        const { payment } = await found(await node(), id, options)
        return { document: payment, text: style => paymentText(payment, style) }
      },
    ),
  )
  withAccount(
    add<[string], PaymentOptions>(
      payments,
      'follow <id>',
      {
        description: 'wait for the end of a payment; SIGINT cancels it',
        examples: ['ilp-connector payments follow 0b5e4c1e-7d1f-4d1b-9a51-6a3c8f1f2d10'],
      },
      async (context, [id], options) => {
        const { node, payment } = await found(await context.node(), id, options)
        const interrupted = interruption(context)
        try {
          const over = await followPayment(node, payment, interrupted, context)
          return paymentResult(over, interrupted.isAsked())
        } finally {
          interrupted.undo()
        }
      },
    ),
  )
  withAccount(
    add<[string], PaymentOptions>(
      payments,
      'cancel <id>',
      {
        description: 'send no more of a payment; what is in flight is waited for',
        examples: ['ilp-connector payments cancel 0b5e4c1e-7d1f-4d1b-9a51-6a3c8f1f2d10 --account alice'],
      },
      async (context, [id], options) => {
        const { node, payment } = await found(await context.node(), id, options)
        await node.call('DELETE', paymentPath(payment))
        const over = await followPayment(node, payment, { isAsked: () => false }, context)
        return { document: over, text: style => paymentText(over, style) }
      },
    ),
  )
  return payments
}

async function found(node: AdminClient, id: string, { account }: PaymentOptions) {
  const { username } = await localAccount(node, account)
  const payment = await node.call<ShownPayment>('GET', paymentPath({ account: username, id }))
  return { node, payment }
}
