/**
 * Writes the declarations of every published package beside its modules, and maps that lead from them to the sources.
 * What of it is wrong, `npm run types` says: here the compiler only writes, and that only where sources have changed.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bin, root, run, workspace } from './workspace.mjs'

const projects = workspace().filter(({ dir }) => existsSync(join(root, dir, 'tsconfig.json')))

// The compiler leaves the declarations of sources that are gone.
for (const { dir } of projects) {
  const dist = join(root, dir, 'dist')
  if (!existsSync(dist)) continue
  for (const name of readdirSync(dist, { recursive: true })) {
    const source = name.replace(/\.d\.ts(\.map)?$/, '.ts')
    if (source !== name && !existsSync(join(root, dir, 'src', source))) rmSync(join(dist, name))
  }
}

run(bin('tsc'), ['-b', '--noCheck', ...projects.map(({ dir }) => dir)])
