/** Everything that CI runs, the cheapest first: layers, lint, types, then all tests. Stops at the first failure. */
import { join } from 'node:path'
import { bin, root, run } from './workspace.mjs'

const script = name => [process.execPath, [join(root, 'scripts', name), '--check']]
const steps = [
  ['Layers and README table', ...script('layers.mjs')],
  ['Manifests', ...script('manifests.mjs')],
  ['Lint and format', bin('biome'), ['check', '--error-on-warnings']],
  ['Promises that nobody waits for', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['Files, exports and dependencies that nobody uses', bin('knip'), ['--no-config-hints']],
  ['Types', bin('tsc'), ['-p', root]],
  ['Types of the dashboard', bin('tsc'), ['-p', join(root, 'apps', 'dashboard', 'page')]],
  ['Tests', bin('vitest'), ['run', '--config', join(root, 'vitest.workspace.ts'), ...process.argv.slice(2)]],
]
for (const [what, command, args] of steps) {
  console.log(`\n── ${what}`)
  run(command, args)
}
