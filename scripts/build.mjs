/** Builds every package: the modules, and with --types the declarations that a published package has beside them. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, workspace } from './workspace.mjs'

const run = (tool, args) => {
  const { status, error } = spawnSync(join(root, 'node_modules', '.bin', tool), args, {
    cwd: root,
    stdio: 'inherit',
  })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

run('tsup', [])
if (process.argv.includes('--types')) {
  // The modules' build has emptied the folders: what the compiler remembers of them does not count.
  const projects = workspace().filter(({ dir }) => dir.startsWith('packages/'))
  run('tsc', ['-b', '--force', ...projects.map(({ dir }) => dir)])
}
