import { readFile } from 'node:fs/promises'
import { parse, YAMLParseError } from 'yaml'
import type { z } from 'zod'
import { type Config, configSchema } from './schema.js'

/** A configuration that the connector refuses: what is wrong, and what was expected, a line for each setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'ERR_CONFIG'
}

/**
 * The configuration of a YAML or JSON file, with the `ILP_…` variables of the environment on top.
 * @throws ConfigError with the path of each setting that is unknown or wrong
 */
export async function loadConfig(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Config> {
  return checkConfig(withEnvironment(file === undefined ? {} : await readSettings(file), environment))
}

/** @throws ConfigError with the path of each setting that is unknown or wrong */
export function checkConfig(settings: unknown): Config {
  const result = configSchema.safeParse(settings)
  if (result.success) return result.data
  throw new ConfigError(result.error.issues.flatMap(describe).join('\n'))
}

/**
 * Values that people write without quotes, as they write others of the same kind: to YAML, a second colon would begin
 * a mapping, and digits alone be a number.
 */
const BARE = /^((?:store|secretSeed):[ \t]+)(memory:|[0-9a-fA-F]{64})(?=[ \t\r]*(?:#.*)?$)/gm

async function readSettings(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(`${file} can't be read: ${cause.code}`)
  })
  try {
    return parse(text.replace(BARE, '$1"$2"')) ?? {}
  } catch (error) {
    if (error instanceof YAMLParseError) throw new ConfigError(`${file}: ${error.message}`)
    throw error
  }
}

const PREFIX = 'ILP_'

/**
 * `ILP_ADMIN_TOKEN` is `adminToken`, `ILP_EXPIRY__MAX_HOLD_MS` is `expiry.maxHoldMs`, `ILP_ADDRESS` is `ilpAddress`.
 * Whatever is not a string is written in YAML or JSON.
 */
function withEnvironment(
  settings: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): unknown {
  const names = Object.keys(environment).filter(name => name.startsWith(PREFIX))
  if (names.length === 0 || typeof settings !== 'object' || settings === null) return settings
  const merged = structuredClone(settings) as Record<string, unknown>
  for (const name of names) {
    const [key = '', ...rest] = name.slice(PREFIX.length).split('__').map(camelCase)
    const top = key === 'address' ? 'ilpAddress' : key
    const value = valueFor(rest.length === 0 ? top : undefined, environment[name] ?? '')
    let target = merged
    const path = [top, ...rest]
    for (const step of path.slice(0, -1)) {
      target[step] = { ...(target[step] as object | undefined) }
      target = target[step] as Record<string, unknown>
    }
    target[path[path.length - 1] as string] = value
  }
  return merged
}

const camelCase = (name: string): string =>
  name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** The text itself where the setting takes it, otherwise what it says as YAML. */
function valueFor(setting: string | undefined, text: string): unknown {
  const shape: Record<string, z.ZodType> = configSchema.shape
  if (setting !== undefined && shape[setting]?.safeParse(text).success) return text
  try {
    return parse(text)
  } catch {
    return text
  }
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => `${pathOf([...issue.path, key])}: unknown setting`)
  }
  return [`${pathOf(issue.path)}: ${issue.message.replace(/^Invalid (input|option): /, '')}`]
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '') || 'configuration'
