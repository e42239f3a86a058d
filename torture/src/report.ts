import { KINDS } from './acts.js'
import type { EverysecLosses } from './everysec.js'
import type { DoneLeg, Settings } from './progress.js'
import type { StoreKind } from './stores.js'
import { assetOf, FORGOTTEN_MS, HOLD_MS_MAX, LANES, LEASE_MS, WINDOW } from './topology.js'

export interface Findings {
  readonly settings: Settings
  readonly stores: readonly StoreKind[]
  readonly legs: readonly DoneLeg[]
  readonly everysec: EverysecLosses | undefined
  readonly machine: Readonly<Record<string, string>>
}

/** The record of a run whose books were right at every check, as a page of Markdown. */
export function report({ settings, stores, legs, everysec, machine }: Findings): string {
  const done = stores.filter(({ name }) => legs.some(leg => leg.store === name))
  const of = (store: StoreKind) => legs.filter(leg => leg.store === store.name)
  return `# Durability

Written by \`npm run torture\`, seed ${settings.seed}. Connectors in a row under load are killed, paused and cut off at random moments, and so are the servers that hold their money; then every book is compared with what the senders and the receivers of the packets know.

${table(
  ['', ...done.map(({ title }) => title)],
  [
    row('connectors killed (SIGKILL)', store => total(of(store), leg => leg.acts.kill)),
    row('servers killed (SIGKILL)', store => total(of(store), leg => leg.acts['server kill'])),
    ...KINDS.filter(kind => kind !== 'kill' && kind !== 'server kill').map(kind =>
      row(NAMES[kind], store => total(of(store), leg => leg.acts[kind])),
    ),
    row('packets sent', store => total(of(store), leg => leg.packets)),
    row('of them fulfilled', store => total(of(store), leg => leg.fulfilled)),
    row('checks of all books', store => of(store).length),
    row('**(a)** imbalance of the books', () => '**0**'),
    row('**(b)** Fulfills relayed and not booked, or booked twice', () => '**0**'),
    row('**(c)** Fulfills booked by the next hop while this one died', store =>
      total(of(store), leg => leg.lost.length),
    ),
    row('packets under way at those moments', store => total(of(store), leg => leg.underWayAtActs)),
    row('**(d)** holds left', () => '**0**'),
    row('duration', store => `${Math.round(total(of(store), leg => leg.durationMs) / 60_000)} min`),
    row('finished', store => new Date(of(store).at(-1)?.atMs ?? 0).toISOString().slice(0, 10)),
  ],
)}

(c) can't be avoided: the next hop has paid, and the node that was to hear of it was dead, or cut off, or heard of it behind its deadline, which its log lists. Each of them is below; both ends of every link agree on everything else. A run ends with the first fault, and then writes no record.

The load: ${LANES} lanes with accounts of their own, ${WINDOW} packets under way in each, over links of which one half is BTP and the other HTTP. Leases of ${LEASE_MS} ms, holds of ${HOLD_MS_MAX} ms at most; nothing may be held ${FORGOTTEN_MS} ms after its owner has died. ${done.map(({ title, processes }) => `${title}: ${describe(processes)}`).join('. ')}.

## Redis with appendfsync everysec

${everysec ? everysecText(everysec) : 'Not measured in this run.'}

## Machine

${table(['', ''], Object.entries(machine))}

## Rare paths that were taken

${done.map(store => `**${store.title}.** ${rareOf(of(store))}`).join('\n\n')}

## Fulfills that the next hop has booked alone

${done.map(store => `### ${store.title}\n\n${lossesOf(store, of(store))}`).join('\n\n')}
`

  function row(what: string, cell: (store: StoreKind) => number | string): readonly string[] {
    return [what, ...done.map(store => quantity(cell(store)))]
  }
}

const NAMES = {
  pause: 'connectors paused (SIGSTOP)',
  'server pause': 'servers paused (SIGSTOP)',
  'link cut': 'links between connectors cut',
  'store cut': 'connections to the server cut',
  'endpoint cut': 'senders or receivers cut off',
  restart: 'connectors restarted (SIGTERM)',
} as const

function describe(processes: readonly number[]): string {
  const nodes = processes.map(count => (count === 1 ? 'one process' : `${count} processes on one store`))
  return `${processes.length} nodes, of ${nodes.join(', ')}`
}

function everysecText(measured: EverysecLosses): string {
  const { kills, acknowledged, killsWithLoss, lost, lostMax, lostMsMax, lastSecondMax } = measured
  const costs =
    lost === 0
      ? 'none'
      : `${quantity(lost)} in ${killsWithLoss} of the kills, at most ${quantity(lostMax)} at once, the first of them acknowledged up to ${lostMsMax} ms before its end`
  return `Of ${quantity(acknowledged)} commits that a server had acknowledged in ${kills} lives, each ended by SIGKILL in the middle of them, it lost ${costs}. That is the death of the process alone: what it has handed to the system survives it. When the machine loses its power, what was acknowledged since the last flush is gone as well: the last second, which was up to ${quantity(lastSecondMax)} commits here, or up to two where the disk is slow. Fulfills relayed for them are not booked then, so a connector warns at its start, and \`appendfsync always\` is what money needs.`
}

function rareOf(legs: readonly DoneLeg[]): string {
  const counts = new Map<string, number>()
  for (const { rare } of legs) {
    for (const [text, count] of Object.entries(rare)) counts.set(text, (counts.get(text) ?? 0) + count)
  }
  return counts.size === 0
    ? 'None.'
    : [...counts].map(([text, count]) => `“${text}”: ${quantity(count)}`).join('; ')
}

/** A line for each moment: the packets that it cost, in the unit of their link. */
function lossesOf({ processes }: StoreKind, legs: readonly DoneLeg[]): string {
  const lines = legs.flatMap(({ leg, lost }) => {
    const causes = groupBy(lost, ({ cause }) => cause)
    return [...causes].map(([cause, losses]) => {
      const packets = losses.map(({ packet, link, amount }) => {
        const { code, scale } = assetOf(processes.length, link)
        return `#${packet} on link ${link}: ${amount} ${code}/${scale}`
      })
      return `- leg ${leg + 1}, ${cause}: ${packets.join('; ')}`
    })
  })
  return lines.length === 0 ? 'None.' : lines.join('\n')
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

const total = (legs: readonly DoneLeg[], of: (leg: DoneLeg) => number): number =>
  legs.reduce((sum, leg) => sum + of(leg), 0)

const quantity = (value: number | string): string =>
  typeof value === 'number' ? value.toLocaleString('en-US') : value

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
