/**
 * Builds every package: the modules, the dashboard's page, and with --types the declarations that a published package
 * has beside them.
 */
import { buildPage } from '../apps/dashboard/scripts/build.mjs'
import { bin, run } from './workspace.mjs'

run(bin('tsup'), [])
await buildPage()
if (process.argv.includes('--types')) await import('./declarations.mjs')
