import { type Command, Option } from 'commander'
import type { PacketEvent } from '../../admin/events.js'
import { money } from '../amounts.js'
import type { ShownBalance, ShownPayment } from '../api-types.js'
import type { CommandLine } from '../command-line.js'
import { EXIT, Failure } from '../failure.js'
import { serverEvents } from '../sse.js'
import { harmless, type Style, styleOf } from '../style.js'

const TYPES = ['link', 'balance', 'packet', 'payment', 'alert'] as const
type EventType = (typeof TYPES)[number]

interface EventOptions {
  readonly type?: readonly EventType[]
}

export const eventsCommand = (program: Command, { add }: CommandLine): Command =>
  add<[], EventOptions>(
    program,
    'events',
    {
      description: 'show what happens in this process of the node, until SIGINT',
      examples: [
        'ilp-connector events',
        'ilp-connector events --type link alert',
        'ilp-connector events --json --type payment',
      ],
      notes: `link: one has come up or gone down. balance: an account’s, once a second at most. packet: a sample, 20 a second
at most. payment: begun, or over. alert: raised or cleared, and what the log has as an error. With --json, each event is a line.`,
    },
    async ({ node: nodeOf, terminal, isJson, style: ofErrors }, _, { type }) => {
      const node = await nodeOf()
      const style = styleOf(terminal.out, terminal)
      const over = new AbortController()
      const undo = terminal.onInterrupt(() => over.abort())
      try {
        const stream = await node.stream('/events', over.signal)
        if (!isJson) terminal.err.write(`${ofErrors('dim', `Listening to ${node.url}. Ctrl-C ends it.`)}\n`)
        for await (const { event, data } of serverEvents(stream)) {
          if (type && !type.includes(event as EventType)) continue
          const shown = JSON.parse(data) as Readonly<Record<string, unknown>>
          const line = isJson
            ? JSON.stringify({ event, ...shown })
            : `${style('dim', new Date().toISOString().slice(11, 23))}  ${event.padEnd(7)}  ${eventText(event, shown, style)}`
          terminal.out.write(`${line}\n`)
        }
      } catch (error) {
        if (!over.signal.aborted) throw error instanceof Failure ? error : ended(node.url)
      } finally {
        undo()
      }
      if (over.signal.aborted) return undefined
      throw ended(node.url)
    },
  ).addOption(new Option('--type <type...>', 'only these').choices(TYPES))

const ended = (url: string): Failure =>
  new Failure(`the node at ${url} has ended the stream of events`, {
    exitCode: EXIT.unreachable,
    code: 'unreachable',
    next: 'It has stopped, or dropped a reader that was too slow: ilp-connector status tells.',
  })

/** An error of the log, or an alert that is raised or has ended. */
interface AlertEvent {
  readonly state?: string
  readonly account?: string
  readonly message: string
}

const ENTRIES: Readonly<Record<EventType, (data: never, style: Style) => string>> = {
  link: ({ account, isUp }: { readonly account: string; readonly isUp: boolean }, style) =>
    `${account} is ${isUp ? style('green', 'up') : style('red', 'down')}`,
  balance: ({ account, balance, asset }: ShownBalance & { readonly account: string }) =>
    `${account} ${money(balance, asset)}`,
  packet: ({ from, to, amount, destination, outcome, rejectedBy, tookMs }: PacketEvent) =>
    `${from} → ${to ?? 'nowhere'}  ${amount} units for ${destination}: ${outcome}${rejectedBy ? ` by ${rejectedBy}` : ''}, ${tookMs.toFixed(1)} ms`,
  payment: ({ id, account, pointer, end, sent, asset }: ShownPayment) =>
    `${account} → ${pointer}  ${end === null ? 'begun' : `${end}, ${money(sent, asset)} sent`} (${id})`,
  alert: ({ state, account, message }: AlertEvent, style) => {
    const text = account === undefined ? message : `${account}: ${message}`
    return state === 'cleared' ? style('green', `cleared: ${text}`) : style('red', text)
  },
}

function eventText(event: string, data: Readonly<Record<string, unknown>>, style: Style): string {
  const plain = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, typeof value === 'string' ? harmless(value) : value]),
  )
  return Object.hasOwn(ENTRIES, event)
    ? ENTRIES[event as EventType](plain as never, style)
    : harmless(JSON.stringify(data))
}
