import { readFile } from 'node:fs/promises'
import { parse, YAMLParseError } from 'yaml'
import type { z } from 'zod'
import { type Config, configSchema } from './schema.js'

/** A configuration that the connector refuses: what is wrong, and what was expected, a line for each setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'ERR_CONFIG'

  constructor(
    message: string,
    /** The same, setting by setting; the path is empty for what is wrong with the whole. */
    readonly faults: readonly ConfigFault[] = [{ path: '', message }],
  ) {
    super(message)
  }

  static of(faults: readonly ConfigFault[]): ConfigError {
    return new ConfigError(faults.map(({ path, message }) => `${path}: ${message}`).join('\n'), faults)
  }
}

/** A setting that is wrong, and what was expected of it. */
export interface ConfigFault {
  readonly path: string
  readonly message: string
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
  throw ConfigError.of(result.error.issues.flatMap(describe))
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

function describe(issue: z.core.$ZodIssue): ConfigFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({ path: pathOf([...issue.path, key]), message: 'unknown setting' }))
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return [{ path: pathOf(issue.path), message: `missing: expected ${issue.expected}` }]
  }
  return [{ path: pathOf(issue.path), message: issue.message.replace(/^Invalid (input|option): /, '') }]
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '') || 'configuration'
