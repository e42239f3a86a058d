/**
 * Builds every package: the modules, the dashboard's page, and with --types the declarations that a published package
 * has beside them.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildPage } from '../apps/dashboard/scripts/build.mjs'
import { root } from './workspace.mjs'

const run = (tool, args) => {
  const { status, error } = spawnSync(join(root, 'node_modules', '.bin', tool), args, {
    cwd: root,
    stdio: 'inherit',
  })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

run('tsup', [])
await buildPage()
if (process.argv.includes('--types')) await import('./declarations.mjs')
