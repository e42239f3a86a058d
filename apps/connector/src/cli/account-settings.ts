import type { z } from 'zod'
import { wrongUsage } from './failure.js'
import type { Terminal } from './terminal.js'
import { readSecret, readText } from './texts.js'

/** Settings of an account as a command line gives them. */
export interface SettingOptions {
  readonly file?: string
  readonly set?: readonly string[]
  readonly setFile?: readonly string[]
  readonly unset?: readonly string[]
}

export type Settings = Readonly<Record<string, unknown>>

interface Assignment {
  readonly path: readonly string[]
  readonly value: unknown
}

/**
 * The settings that are given, on top of those that there are: those at the top that are touched, each as a whole,
 * which is how the API takes them.
 */
export async function settingsFrom(
  options: SettingOptions,
  former: Settings,
  terminal: Terminal,
): Promise<Record<string, unknown>> {
  const changes = options.file === undefined ? {} : await settingsOf(options.file, terminal)
  for (const { path, value } of await assignments(options, terminal)) {
    const [top = '', ...inner] = path
    const at = { ...former, ...changes }[top] ?? undefined
    changes[top] = inner.length === 0 ? value : withValue(at, inner, value)
  }
  return changes
}

/** Settings in a file, in YAML or JSON. */
async function settingsOf(file: string, terminal: Terminal): Promise<Record<string, unknown>> {
  const [{ parse }, text] = await Promise.all([import('yaml'), readText(file, terminal)])
  let settings: unknown
  try {
    settings = parse(text)
  } catch (error) {
    throw wrongUsage(`${file} is no YAML: ${(error as Error).message}`)
  }
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return { ...settings }
  throw wrongUsage(`${file} has no settings: expected those of one account, as in the configuration file`)
}

async function assignments(
  { set = [], setFile = [], unset = [] }: SettingOptions,
  terminal: Terminal,
): Promise<readonly Assignment[]> {
  const [{ parse }, { accountSettings }] = await Promise.all([import('yaml'), import('../config/schema.js')])
  const found: Assignment[] = []
  const add = (name: string, text: string): void => {
    const path = name.split('.')
    found.push({ path, value: valueFor(settingAt(accountSettings, path), text, parse) })
  }
  for (const one of set) add(...pair(one, '--set', 'SETTING=VALUE'))
  for (const one of setFile) {
    const [name, file] = pair(one, '--set-file', 'SETTING=FILE')
    add(name, await readSecret(file, terminal))
  }
  for (const name of unset) {
    const path = name.split('.')
    settingAt(accountSettings, path)
    if (/[tT]okens?$/.test(name)) {
      throw wrongUsage(
        `${name} can't be taken away by itself`,
        `A token goes with its link: --unset ${path.slice(0, -1).join('.')}; incoming ones with --set '${name}=[]'.`,
      )
    }
    found.push({ path, value: path.length === 1 ? null : undefined })
  }
  return found
}

function pair(text: string, option: string, form: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw wrongUsage(`${option} needs ${form}`)
}

/** A copy with one value more, or less. */
function withValue(at: unknown, [name = '', ...inner]: readonly string[], value: unknown): unknown {
  const former = (typeof at === 'object' && at !== null ? at : {}) as Settings
  const next = inner.length === 0 ? value : withValue(former[name], inner, value)
  return { ...former, [name]: next }
}

/** What tells one kind of schema from another, in zod. */
interface Definition {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly shape?: Readonly<Record<string, z.ZodType>>
}

const definition = (schema: z.ZodType): Definition => schema.def as unknown as Definition

/** The schema of a setting. */
function settingAt(schema: z.ZodType, path: readonly string[]): z.ZodType {
  let at = bare(schema)
  for (const [depth, name] of path.entries()) {
    const { shape } = definition(at)
    const inner = shape && Object.hasOwn(shape, name) ? shape[name] : undefined
    if (!inner) {
      const known = shape ? `: expected one of ${Object.keys(shape).join(', ')}` : ''
      throw wrongUsage(`${path.slice(0, depth + 1).join('.')} is no setting of an account${known}`)
    }
    at = bare(inner)
  }
  return at
}

/** The schema without what makes it optional or gives it a default. */
function bare(schema: z.ZodType): z.ZodType {
  const { innerType } = definition(schema)
  return innerType ? bare(innerType) : schema
}

/** The text itself where the setting takes it; otherwise what it says as YAML, one entry of a list for a list. */
function valueFor(schema: z.ZodType, text: string, parse: (text: string) => unknown): unknown {
  if (schema.safeParse(text).success) return text
  let value: unknown
  try {
    value = parse(text)
  } catch {
    value = text
  }
  if (definition(schema).type === 'array') return Array.isArray(value) ? value : [text]
  return schema.safeParse(value).success ? value : typeof value === 'number' ? text : value
}
