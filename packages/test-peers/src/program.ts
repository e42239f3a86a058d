import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { type Child, startChild } from './child.js'

/** What lets `node` run TypeScript as it is, and find the sources of our packages. */
export const TYPESCRIPT: readonly string[] = [
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
  '--conditions=@ilp/source',
]

/** The channel by which a child hears of its parent's end would keep it from ending by itself. */
const END_BY_ITSELF = 'data:text/javascript,process.channel.unref()'

/**
 * Runs a TypeScript program from its source, or what `bundleProgram` made of it, as it would run elsewhere: it ends
 * when it has nothing left to do. Of the environment it gets PATH, and the variables in `env`.
 */
export const startProgram = (
  script: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Child =>
  startChild([...(script.endsWith('.ts') ? TYPESCRIPT : []), '--import', END_BY_ITSELF, script, ...args], env)
