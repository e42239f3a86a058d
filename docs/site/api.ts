/** The API reference: a page for each published package, made of its docstrings. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Application, type TypeDocOptions } from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import { published, root } from './pages.js'

const OUT = join(root, 'docs/api')
const STAMP = join(OUT, '.stamp')

const OPTIONS: TypeDocOptions & PluginOptions = {
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: published.map(({ dir }) => join(root, dir, 'src/index.ts')),
  tsconfig: join(root, 'docs/tsconfig.api.json'),
  readme: 'none',
  disableSources: true,
  disableGit: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  // The tests' type check has its own step; here only the docstrings count.
  skipErrorChecking: true,
  validation: false,
  logLevel: 'Error',
  out: OUT,
  outputFileStrategy: 'modules',
  entryFileName: 'index',
  pageTitleTemplates: {
    index: 'API reference',
    module: ({ name }) => `@ilp/${name.replace(/\/src$/, '')}`,
  },
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hidePageTitle: false,
  hideGroupHeadings: false,
  useCodeBlocks: true,
  sanitizeComments: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  propertyMembersFormat: 'table',
}

/** Writes the pages to `docs/api`, unless they are newer than every source. Needs no build of the packages. */
export async function makeApi(): Promise<void> {
  const newest = Math.max(...published.flatMap(({ dir }) => times(join(root, dir, 'src'))))
  if (stamp() >= newest) return
  const app = await Application.bootstrapWithPlugins(OPTIONS)
  const project = await app.convert()
  if (!project) throw new Error('the API reference could not be made')
  await app.generateOutputs(project)
  if (app.logger.hasErrors()) throw new Error('the API reference could not be written')
  mkdirSync(OUT, { recursive: true })
  writeFileSync(STAMP, String(newest))
}

const times = (dir: string): number[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(name))
    .map(name => statSync(join(dir, name)).mtimeMs)

function stamp(): number {
  try {
    return Number(readFileSync(STAMP, 'utf8'))
  } catch {
    return 0
  }
}
