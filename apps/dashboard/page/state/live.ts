/** What the connector tells as it happens, and the connection that it is told over. */
import { signal } from '@preact/signals'
import { accountPath, api, apiList, apiStream } from '../api/client.js'
import { eventsIn, type StreamEvent } from '../api/event-stream.js'
import { pause, pauseMs } from '../api/pause.js'
import { ApiProblem } from '../api/problem.js'
import type { AlertEvent, Balance, Connection, LinkEvent, PacketEvent, Payment } from '../api/types.js'

export type Heard<T> = T & { readonly id: number; readonly atMs: number }

/** `full`: the connector is there, and has no room for one more listener. */
export const connection = signal<'connecting' | 'live' | 'lost' | 'full'>('connecting')
/** Goes up whenever events flow anew: what was to be heard before is lost, and has to be read. */
export const epoch = signal(0)
/** The newest first. */
export const packets = signal<readonly Heard<PacketEvent>[]>([])
/** What the log has called an error. */
export const errors = signal<readonly Heard<AlertEvent>[]>([])
/** Goes up whenever an alert was raised or cleared. */
export const alertChanges = signal(0)
/** By username, those that were read or heard of. */
export const balances = signal<ReadonlyMap<string, Balance>>(new Map())
export const links = signal<ReadonlyMap<string, Connection>>(new Map())
/** By id, as they were told of last. */
export const payments = signal<ReadonlyMap<string, Payment>>(new Map())

const PACKETS_KEPT_MAX = 300
const ERRORS_KEPT_MAX = 20
const PAYMENTS_KEPT_MAX = 200
/** The API says something every 15 s. */
const SILENCE_MS_MAX = 40_000

let heard = 0

/** Listens until the signal is aborted, over as many connections as it takes. */
export async function follow(signal: AbortSignal): Promise<void> {
  connection.value = 'connecting'
  for (let failures = 0; !signal.aborted; failures++) {
    let state: 'lost' | 'full' = 'lost'
    try {
      await listen(signal, () => {
        failures = 0
        connection.value = 'live'
        // A process that has begun anew knows nothing of those of the one before.
        payments.value = new Map()
        epoch.value += 1
      })
    } catch (error) {
      // Whatever it was, it is tried again. A 503 without a problem is of something between.
      if (error instanceof ApiProblem && error.document.status === 503) state = 'full'
    }
    if (signal.aborted) return
    connection.value = state
    await pause(pauseMs(failures), signal)
  }
}

async function listen(signal: AbortSignal, begun: () => void): Promise<void> {
  const silence = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX)
  }
  wait()
  try {
    const body = await apiStream('/events', AbortSignal.any([signal, silence.signal]))
    begun()
    for await (const event of eventsIn(body)) {
      wait()
      take(event)
    }
  } finally {
    clearTimeout(timer)
  }
}

function take({ event, data }: StreamEvent): void {
  if (event === 'packet') packets.value = newest(JSON.parse(data), packets.value, PACKETS_KEPT_MAX)
  else if (event === 'alert') takeAlert(JSON.parse(data) as AlertEvent)
  else if (event === 'balance') keepBalances([JSON.parse(data) as Balance])
  else if (event === 'link') keepLink(JSON.parse(data) as LinkEvent)
  else if (event === 'payment') keepPayment(JSON.parse(data) as Payment)
}

function takeAlert(alert: AlertEvent): void {
  if (alert.state === undefined) errors.value = newest(alert, errors.value, ERRORS_KEPT_MAX)
  else alertChanges.value += 1
}

const newest = <T>(one: T, others: readonly Heard<T>[], countMax: number): readonly Heard<T>[] => [
  { ...one, id: heard++, atMs: Date.now() },
  ...others.slice(0, countMax - 1),
]

function keepBalances(read: readonly Balance[]): void {
  const next = new Map(balances.value)
  for (const balance of read) next.set(balance.account, balance)
  balances.value = next
}

export function keepPayment(payment: Payment): void {
  // The account of some is gone: then there is an id alone.
  if (payment.account === undefined) return
  const next = new Map(payments.value)
  next.delete(payment.id)
  next.set(payment.id, payment)
  for (const id of next.keys()) if (next.size > PAYMENTS_KEPT_MAX) next.delete(id)
  payments.value = next
}

function keepLink({ account, isUp }: LinkEvent): void {
  const known = links.value.get(account)
  const link = known ?? { account, dials: null, pending: 0, unsentBytes: 0, sessions: 0 }
  const sessions = isUp ? Math.max(1, link.sessions) : 0
  links.value = new Map(links.value).set(account, { ...link, isUp, sessions })
}

/** Reads all balances anew. Those that change are told of. */
export async function readBalances(signal?: AbortSignal): Promise<void> {
  keepBalances(await apiList<Balance>('/balances?limit=1000', signal))
}

/** Reads the account's balance anew. */
export async function readBalance(username: string, signal?: AbortSignal): Promise<void> {
  const path = accountPath(username, '/balance')
  const books = await api<Omit<Balance, 'account'>>(path, signal ? { signal } : {})
  keepBalances([{ ...books, account: username }])
}

/** Reads all links anew. Those that come up or go down are told of. */
export async function readLinks(signal?: AbortSignal): Promise<void> {
  const read = await apiList<Connection>('/connections?limit=1000', signal)
  links.value = new Map(read.map(link => [link.account, link]))
}
