import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { segment } from '../admin-client.js'
import { type Asset, unitsOf } from '../amounts.js'
import type { ShownPayment } from '../api-types.js'
import type { CommandLine } from '../command-line.js'
import { millisecondsOf } from '../durations.js'
import { Failure, isUnclear, wrongUsage } from '../failure.js'
import { followPayment, interruption, paymentResult } from '../follow-payment.js'
import { localAccount } from '../own-account.js'
import { harmless } from '../style.js'
import type { Terminal } from '../terminal.js'
import { readSecret } from '../texts.js'

interface PayOptions {
  readonly account?: string
  readonly deliver?: boolean
  readonly sourceMax?: string
  readonly minRate?: string
  readonly slippage?: string
  readonly timeout?: string
  readonly secretFile?: string
  readonly key?: string
}

export const payCommand = (program: Command, { add }: CommandLine): Command =>
  add<[string, string], PayOptions>(
    program,
    'pay <receiver> <amount>',
    {
      description: 'pay somebody out of a local account, and wait for the end',
      examples: [
        "ilp-connector pay '$example.com/bob' 1000000",
        'ilp-connector pay https://example.com/bob 1.50USD --account alice --slippage 0.5',
        "ilp-connector pay '$example.com/bob' 990 --deliver --source-max 1000 --json",
        'ilp-connector pay test.bob.shop.x7dk2 1000 --secret-file secret.txt',
      ],
      notes: `The receiver is a payment pointer (in single quotes, because of the $), the URL of an SPSP endpoint, or an ILP
address with the shared secret that its receiver has given out. A whole number is units of the account’s asset, or
with --deliver of the receiver’s; 1.50USD is so much of the account’s asset.

The exit code is 0 when all is paid. SIGINT cancels the payment; then it is 130, and what was sent and delivered is
told.`,
    },
    async (context, [receiver, amount], options) => {
      const node = await context.node()
      const account = await localAccount(node, options.account)
      const body = await orderOf(receiver, amount, options, account.asset, context.terminal)
      const { key = randomUUID() } = options
      const path = `/accounts/${segment(account.username)}/payments`
      const interrupted = interruption(context)
      try {
        const begun = await node.call<ShownPayment>('POST', path, { body, key }).catch((error: unknown) => {
          throw isUnclear(error) ? unclear(error, key) : error
        })
        if (!context.isJson) {
          const line = `Paying ${harmless(receiver)} from ${account.username}: payment ${begun.id}`
          context.terminal.err.write(`${context.style('dim', line)}\n`)
        }
        const over = await followPayment(node, begun, interrupted, context)
        return paymentResult(over, interrupted.isAsked())
      } finally {
        interrupted.undo()
      }
    },
  )
    .option('--account <username>', 'the local account that pays; needed where there are several')
    .option('--deliver', 'the amount is what shall arrive, in units of the receiver’s asset')
    .option('--source-max <amount>', 'with --deliver: what it may cost')
    .option('--min-rate <delivered/sent>', 'so many of the receiver’s units for so many sent, at least')
    .option('--slippage <percent>', 'how far the rate may fall below the one found at first')
    .option('--timeout <time>', 'no packet is sent after it: 30s, 5m, …, 24h at most')
    .option(
      '--secret-file <file>',
      'the shared secret in Base64 that goes with an ILP address, - for standard input',
    )
    .option('--key <key>', 'pays once, however often it is run with this key')

const unclear = ({ message, details }: Failure, key: string): Failure =>
  new Failure(`${message}; it is not known whether the payment has begun`, {
    ...details,
    next: `Run the same command again with --key ${key}: then it is paid once.`,
  })

async function orderOf(
  receiver: string,
  amount: string,
  options: PayOptions,
  asset: Asset,
  terminal: Terminal,
): Promise<object> {
  const { deliver, sourceMax, minRate, slippage, timeout } = options
  if (sourceMax !== undefined && !deliver) throw wrongUsage('--source-max goes with --deliver')
  return {
    ...(await receiverOf(receiver, options, terminal)),
    amount: deliver
      ? {
          delivery: delivery(amount),
          ...(sourceMax !== undefined && { sourceMax: above0(sourceMax, asset, '--source-max') }),
        }
      : { source: above0(amount, asset, 'the amount') },
    ...(minRate !== undefined && { minRate: rateOf(minRate) }),
    ...(slippage !== undefined && { slippagePpm: ppmOf(slippage) }),
    ...(timeout !== undefined && { timeoutMs: millisecondsOf(timeout, '--timeout', '24h') }),
  }
}

const ADDRESS = /^(g|private|example|test|test1|test2|test3|local|peer|self)(\.[A-Za-z0-9_~-]+)+$/

async function receiverOf(
  receiver: string,
  { secretFile }: PayOptions,
  terminal: Terminal,
): Promise<{ readonly pointer: string; readonly sharedSecret?: string }> {
  if (ADDRESS.test(receiver)) {
    if (secretFile === undefined) {
      throw wrongUsage(
        'an ILP address alone can not be paid',
        'Give its shared secret with --secret-file, or pay the payment pointer or SPSP endpoint that gives out both.',
      )
    }
    return { pointer: receiver, sharedSecret: await readSecret(secretFile, terminal) }
  }
  if (secretFile !== undefined) throw wrongUsage('--secret-file goes with an ILP address')
  if (/^\$[^.$/]*\.[^$]+$|^\$[A-Za-z0-9[]/.test(receiver) || /^https?:\/\//.test(receiver)) {
    return { pointer: receiver }
  }
  throw wrongUsage(
    `${JSON.stringify(receiver)} is nobody who can be paid`,
    "Expected a payment pointer in single quotes ('$example.com/bob'), a URL, or an ILP address with --secret-file.",
  )
}

function above0(text: string, asset: Asset, what: string): string {
  const units = unitsOf(text, asset, what)
  if (units > 0n) return units.toString()
  throw wrongUsage(`${what} is ${text}: expected more than 0`)
}

function delivery(text: string): string {
  if (/^[1-9][0-9]*$/.test(text)) return text
  throw wrongUsage(`with --deliver, the amount is in units of the receiver's: expected a whole number`)
}

function rateOf(text: string): { readonly delivered: string; readonly sent: string } {
  const [, delivered, sent] = /^([1-9][0-9]*)\/([1-9][0-9]*)$/.exec(text) ?? []
  if (delivered !== undefined && sent !== undefined) return { delivered, sent }
  throw wrongUsage(`--min-rate is ${text}: expected two whole numbers such as 99/100`)
}

/** Percent in millionths, exactly. */
function ppmOf(text: string): number {
  const [, whole = '', fraction = ''] = /^([0-9]{1,2})(?:\.([0-9]{1,4}))?%?$/.exec(text) ?? []
  if (whole !== '') return Number(whole + fraction.padEnd(4, '0'))
  throw wrongUsage(
    `--slippage is ${text}: expected percent such as 0.5, with four digits behind the point at most`,
  )
}
