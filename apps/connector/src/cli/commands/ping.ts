import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { AdminClient } from '../admin-client.js'
import type { ShownPong } from '../api-types.js'
import type { CommandLine, Context, Result } from '../command-line.js'
import { millisecondsOf } from '../durations.js'
import { EXIT, wrongUsage } from '../failure.js'
import { harmless } from '../style.js'

interface PingOptions {
  readonly account?: string
  readonly count: string
  readonly interval: string
  readonly timeout: string
  readonly probe?: boolean
}

export const pingCommand = (program: Command, { add }: CommandLine): Command =>
  add<[string], PingOptions>(
    program,
    'ping <address>',
    {
      description: 'measure the way to an ILP address and back',
      examples: ['ilp-connector ping test.bob', 'ilp-connector ping test.bob.shop --probe --count 1 --json'],
      notes: `A local account sends packets that come back, if the other node speaks the echo protocol. Where they don’t, or with
--probe, or without a local account, packets are sent that nobody can fulfill: who rejects them tells how far they
came. No money moves. The exit code is 0 when the address was reached.`,
    },
    async (context, [destination], options) => {
      const count = countOf(options.count)
      const intervalMs = millisecondsOf(options.interval, '--interval')
      const timeoutMs = millisecondsOf(options.timeout, '--timeout', '30s')
      const node = await context.node()
      const send = (method: ShownPong['method']) => {
        const body = { destination, account: options.account, method, timeoutMs }
        return node.call<ShownPong>('POST', '/ping', { body, timeoutMs: timeoutMs + 30_000 })
      }
      const pongs = await pingAll(send, { count, intervalMs, isProbe: options.probe === true }, context)
      return resultOf(destination, node, pongs)
    },
  )
    .option('--account <username>', 'the local account that it comes from')
    .option('--count <count>', 'how many packets', '3')
    .option('--interval <time>', 'between two of them', '1s')
    .option('--timeout <time>', 'for an answer, 30s at most', '10s')
    .option('--probe', 'send packets that nobody can fulfill')

function countOf(text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text)
  throw wrongUsage(`--count is ${text}: expected a whole number from 1 to 999999`)
}

interface Plan {
  readonly count: number
  readonly intervalMs: number
  readonly isProbe: boolean
}

/** One packet after another, until SIGINT. An echo that doesn't come back is followed by a probe of the way there. */
async function pingAll(
  send: (method: ShownPong['method']) => Promise<ShownPong>,
  { count, intervalMs, isProbe }: Plan,
  { terminal, isJson }: Context,
): Promise<readonly ShownPong[]> {
  const over = new AbortController()
  const undo = terminal.onInterrupt(() => over.abort())
  const pongs: ShownPong[] = []
  const take = (pong: ShownPong): void => {
    pongs.push(pong)
    if (!isJson) terminal.out.write(`${pongText(pong)}\n`)
  }
  try {
    for (let sent = 0; sent < count && !over.signal.aborted; sent += 1) {
      if (sent > 0) await sleep(intervalMs, undefined, { signal: over.signal }).catch(() => {})
      if (over.signal.aborted) break
      take(await send(isProbe ? 'probe' : 'echo'))
    }
    const last = pongs.at(-1)
    if (last?.method === 'echo' && last.reject && !over.signal.aborted) take(await send('probe'))
    return pongs
  } finally {
    undo()
  }
}

function pongText({ method, destination, roundTripMs, isReached, reject }: ShownPong): string {
  const time = `${roundTripMs.toFixed(1)} ms`
  if (!reject) return `echo from ${destination}: ${time}`
  const by = reject.triggeredBy === '' ? 'nobody' : reject.triggeredBy
  const said = `${reject.code} by ${by}: ${reject.message}`
  const what = method === 'probe' && isReached ? 'reached' : 'rejected'
  return harmless(`${method} to ${destination} ${what}, ${said}, ${time}`)
}

function resultOf(destination: string, { url }: AdminClient, pongs: readonly ShownPong[]): Result {
  const reached = pongs.filter(({ isReached }) => isReached)
  const isReached = reached.length > 0
  const times = reached.map(({ roundTripMs }) => roundTripMs)
  const roundTripMs = isReached
    ? {
        min: Math.min(...times),
        mean: times.reduce((a, b) => a + b, 0) / times.length,
        max: Math.max(...times),
      }
    : null
  const echoes = pongs.filter(({ reject }) => !reject).length
  return {
    document: { destination, isReached, sent: pongs.length, echoes, roundTripMs, packets: pongs },
    text: style => {
      const shown = (ms: number) => ms.toFixed(1)
      const line = roundTripMs
        ? `${style('green', '✓')} ${destination} is reached: ${echoes} of ${pongs.length} packets echoed, min/mean/max ${shown(roundTripMs.min)}/${shown(roundTripMs.mean)}/${shown(roundTripMs.max)} ms`
        : `${style('red', '✗')} ${destination} is not reached from the node at ${url}`
      const isOneWay = isReached && echoes === 0 && pongs.some(({ method }) => method === 'echo')
      const next = isOneWay
        ? '\nThe way there is open; it doesn’t echo, or the way back is closed.'
        : isReached
          ? ''
          : '\nWho has rejected it tells where the way ends: ilp-connector routes list, connections list.'
      return `${line}${next}`
    },
    exitCode: isReached ? EXIT.ok : EXIT.failed,
  }
}
