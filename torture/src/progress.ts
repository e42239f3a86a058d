import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EverysecLosses } from './everysec.js'
import type { Leg } from './torture.js'

/** What a run is asked for. It stays so when the run is gone on with. */
export interface Settings {
  readonly seed: string
  readonly stores: readonly string[]
  /** Of connectors and of servers, for each store. */
  readonly kills: number
  readonly serverKills: number
}

/** A leg that is done, as it is kept. */
export interface DoneLeg extends Leg {
  readonly store: string
  readonly atMs: number
}

/** What a run has done so far, in a folder: it can be stopped at any time, and gone on with. */
export interface Progress {
  readonly settings: Settings
  readonly legs: readonly DoneLeg[]
  readonly add: (store: string, leg: Leg) => Promise<void>
  readonly everysec: EverysecLosses | undefined
  readonly setEverysec: (losses: EverysecLosses) => Promise<void>
}

/** Amounts are written as `12n`. */
const toText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
const fromText = (text: string): unknown =>
  JSON.parse(text, (_, part: unknown) =>
    typeof part === 'string' && /^-?\d+n$/.test(part) ? BigInt(part.slice(0, -1)) : part,
  )

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Goes on with the run that the folder holds; `wanted` is what a new one begins with. */
export async function openProgress(folder: string, wanted: Settings): Promise<Progress> {
  await mkdir(folder, { recursive: true })
  const paths = {
    settings: join(folder, 'settings.json'),
    legs: join(folder, 'legs.jsonl'),
    everysec: join(folder, 'everysec.json'),
  }
  const found = await readIfThere(paths.settings)
  const settings = found === undefined ? wanted : (JSON.parse(found) as Settings)
  if (found === undefined) await writeFile(paths.settings, JSON.stringify(settings))
  // A line that was being written when the run was killed is no leg.
  const lines = ((await readIfThere(paths.legs)) ?? '').split('\n').slice(0, -1)
  const legs = lines.map(line => fromText(line) as DoneLeg)
  await writeFile(paths.legs, lines.map(line => `${line}\n`).join(''))
  const kept = await readIfThere(paths.everysec)
  let everysec = kept === undefined ? undefined : (JSON.parse(kept) as EverysecLosses)
  return {
    settings,
    legs,
    add: async (store, leg) => {
      const done = { ...leg, store, atMs: Date.now() }
      await appendFile(paths.legs, `${toText(done)}\n`)
      legs.push(done)
    },
    get everysec() {
      return everysec
    },
    setEverysec: async losses => {
      await writeFile(paths.everysec, JSON.stringify(losses))
      everysec = losses
    },
  }
}
