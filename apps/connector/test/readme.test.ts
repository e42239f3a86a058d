import { readFile } from 'node:fs/promises'
import { silentLogger } from '@ilp/service-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configSchema } from '../src/config/schema.js'
import { checkConfig, createConnector, loadConfig } from '../src/index.js'
import { configFile } from './support/command.js'

let readme: string
beforeAll(async () => {
  readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
})

/** The rows of the tables that come between two headings: each name, and its default. */
function rows(from: string, to: string): Map<string, string> {
  const part = readme.slice(readme.indexOf(`\n${from}\n`), readme.indexOf(`\n${to}\n`))
  const found = [...part.matchAll(/^\| (`.+?) \| (.*?) ?\| /gm)]
  return new Map(
    found.flatMap(([, names = '', value = '']) =>
      [...names.matchAll(/`(.+?)`/g)].map(([, name = '']) => [name, value] as const),
    ),
  )
}

/** What tells one kind of schema from another, in zod. */
interface Schema {
  readonly def: {
    readonly type: string
    readonly innerType?: Schema
    readonly element?: Schema
    readonly options?: readonly Schema[]
    readonly shape?: Readonly<Record<string, Schema>>
  }
}

/** The paths of all settings that the schema takes, those in lists without the list's name. */
function paths({ def }: Schema, path = ''): string[] {
  const { innerType, options, shape } = def
  if (innerType) return paths(innerType, path)
  if (options) return [...new Set(options.flatMap(option => paths(option, path)))]
  if (!shape) return [path]
  return Object.entries(shape).flatMap(([name, inner]) =>
    paths(inner, path === '' ? name : `${path}.${name}`),
  )
}

function elementOf({ def }: Schema): Schema {
  return def.innerType ? elementOf(def.innerType) : (def.element as Schema)
}

describe('the README', () => {
  it('shows configurations that are taken', async () => {
    const blocks = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block)
    const configs = await Promise.all(blocks.map(async block => loadConfig(await configFile(block))))
    expect(configs.map(({ accounts }) => accounts.map(({ username }) => username))).toEqual([
      ['shop', 'bob'],
      ['alice', 'me'],
    ])
    for (const config of configs) createConnector(config, { logger: silentLogger })
  })

  it('names every setting, and no other', () => {
    expect([...rows('## Settings', '### Accounts').keys()].toSorted()).toEqual(paths(configSchema).toSorted())
    const { accounts, routes } = configSchema.shape
    expect([...rows('### Accounts', '### Routes').keys()].toSorted()).toEqual(
      paths(elementOf(accounts)).toSorted(),
    )
    expect([...rows('### Routes', '### Environment').keys()].toSorted()).toEqual(
      paths(elementOf(routes)).toSorted(),
    )
  })

  it('tells the defaults as they are', () => {
    const required = {
      ilpAddress: 'test.alice',
      secretSeed: '42'.repeat(32),
      exchangeRates: { provider: 'static', rates: {} },
    }
    const defaults = [...rows('## Settings', '### Accounts')].filter(([, value]) => value.startsWith('`'))
    expect(defaults.length).toBeGreaterThan(10)
    for (const [path, cell] of defaults) {
      const text = cell.replaceAll('`', '')
      const value = text === 'memory:' ? text : (parse(text) as unknown)
      const [name = '', inner] = path.split('.')
      const above = (required as Record<string, unknown>)[name] as object | undefined
      const setting = inner === undefined ? value : { ...above, [inner]: value }
      expect(checkConfig({ ...required, [name]: setting }), path).toEqual(checkConfig(required))
    }
  })
})
