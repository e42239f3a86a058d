/** Everything that CI runs, the cheapest first: layers, lint, types, then all tests. Stops at the first failure. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const bin = name => join(root, 'node_modules', '.bin', name)
const steps = [
  ['Layers and README table', process.execPath, [join(root, 'scripts', 'layers.mjs'), '--check']],
  ['Lint and format', bin('biome'), ['check', '--error-on-warnings']],
  [
    'Promises that nobody waits for',
    bin('oxlint'),
    ['--type-aware', '--deny-warnings', 'packages', 'apps', 'examples', 'bench', 'torture'],
  ],
  ['Types', bin('tsc'), ['-p', root]],
  ['Tests', bin('vitest'), ['run', '--config', join(root, 'vitest.workspace.ts'), ...process.argv.slice(2)]],
]
for (const [what, command, args] of steps) {
  console.log(`\n── ${what}`)
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
