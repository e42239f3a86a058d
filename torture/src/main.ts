import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measureLosses } from './everysec.js'
import { machine } from './machine.js'
import { openProgress, type Progress } from './progress.js'
import { report } from './report.js'
import { STORES, type StoreKind } from './stores.js'
import { type Leg, torture, Violation } from './torture.js'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const PROGRAM = path('../../apps/connector/bin/ilp-connector.js')
const RECORD = path('../../docs/durability.md')
const FOLDER = path('../.run')
const KILLS_PER_LEG = 10
const FULFILLS_BETWEEN_MAX = 100
const EVERYSEC_KILLS = 50

const USAGE = `npm run torture -- [options]

  --store NAME          one of ${STORES.map(({ name }) => name).join(', ')}; all of them unless given
  --kills N             SIGKILLs of connectors, for each store (1000)
  --server-kills N      SIGKILLs of servers, for each store that has one (100)
  --seed TEXT           what the moments follow from; a random one unless given
  --resume FOLDER       where progress is kept, and what an earlier run left is gone on with (torture/.run)

A finished run of the full length writes docs/durability.md. Exit code 1: books were wrong; the folder has all logs.`

const { values } = parseArgs({
  options: {
    store: { type: 'string' },
    kills: { type: 'string', default: '1000' },
    'server-kills': { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    resume: { type: 'string', default: FOLDER },
    help: { type: 'boolean', default: false },
  },
})
const folder = resolve(values.resume)
const kills = Number(values.kills)
const serverKills = Number(values['server-kills'])
const chosen = STORES.filter(({ name }) => values.store === undefined || name === values.store)
if (values.help || chosen.length === 0 || !(kills > 0) || !(serverKills >= 0)) {
  console.log(USAGE)
  process.exit(values.help ? 0 : 2)
}

const progress = await openProgress(folder, {
  seed: values.seed,
  stores: chosen.map(({ name }) => name),
  kills,
  serverKills,
})
const { settings } = progress
console.log(`seed ${settings.seed}, ${settings.kills} kills a store, progress in ${folder}`)

const stopping = new AbortController()
process.on('SIGINT', () => {
  if (stopping.signal.aborted) process.exit(130)
  console.log('Ends behind this leg; the same command goes on. Once more: at once.')
  stopping.abort()
})

try {
  const stores = STORES.filter(({ name }) => settings.stores.includes(name))
  for (const store of stores) await run(store, progress)
  if (!stopping.signal.aborted) await finish(stores)
} catch (error) {
  console.error(error instanceof Violation ? `\nWRONG BOOKS, ${error.message}` : error)
  process.exitCode = 1
}

async function run(store: StoreKind, { legs, add }: Progress): Promise<void> {
  const all = Math.ceil(settings.kills / KILLS_PER_LEG)
  const firstLeg = legs.filter(leg => leg.store === store.name).length
  if (firstLeg >= all || stopping.signal.aborted) return
  const place = join(folder, `${store.name}-${firstLeg}`)
  console.log(`\n${store.title}: leg ${firstLeg + 1} of ${all}`)
  // A former attempt at the same leg was interrupted.
  await rm(place, { recursive: true, force: true })
  await torture({
    store,
    seed: settings.seed,
    firstLeg,
    legs: all - firstLeg,
    killsPerLeg: KILLS_PER_LEG,
    serverKills: leg => share(settings.serverKills, all, leg),
    fulfillsBetweenMax: FULFILLS_BETWEEN_MAX,
    folder: place,
    program: [PROGRAM],
    signal: stopping.signal,
    done: async leg => {
      await add(store.name, leg)
      console.log(line(leg, all))
    },
  })
  await rm(place, { recursive: true, force: true })
}

/** How many of so many fall on a leg, spread evenly. */
function share(count: number, legs: number, leg: number): number {
  return Math.floor(((leg + 1) * count) / legs) - Math.floor((leg * count) / legs)
}

function line({ leg, acts, packets, fulfilled, lost, durationMs }: Leg, all: number): string {
  const killed = `${acts.kill} kills, ${acts['server kill']} of servers`
  const load = `${packets} packets, ${fulfilled} fulfilled, ${lost.length} booked by the next hop alone`
  return `${leg + 1}/${all}: ${killed}; ${load}; books right; ${(durationMs / 1_000).toFixed(1)} s`
}

async function finish(stores: readonly StoreKind[]): Promise<void> {
  if (stores.some(({ name }) => name === 'redis') && !progress.everysec) {
    console.log('\nRedis, appendfsync everysec: what a killed server loses …')
    await progress.setEverysec(await measureLosses('everysec', EVERYSEC_KILLS, settings.seed))
  }
  const { legs, everysec } = progress
  const text = report({ settings, stores, legs, everysec, machine: await machine() })
  const isWhole = stores.length === STORES.length && settings.kills >= 1_000
  const record = isWhole ? RECORD : join(folder, 'durability.md')
  await writeFile(record, text)
  console.log(`\nAll books are right. Written to ${record}`)
}
