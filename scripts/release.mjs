/**
 * `npm run release -- version`: versions and changelogs from the commits since the last release, a commit and a tag.
 * `npm run release -- publish`: builds, and publishes each package whose version the registry hasn't got.
 * What follows is lerna's: `--yes`, `--no-push`, `--registry URL`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pnpm, root } from './workspace.mjs'

const run = (command, args) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

const [step, ...args] = process.argv.slice(2)
const lerna = { version: ['version'], publish: ['publish', 'from-package'] }[step]
if (!lerna) throw new Error('npm run release -- version, or npm run release -- publish')
if (step === 'publish') run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--types'])
// lerna looks for the package manager on the PATH.
const [yes, version] = pnpm
run('npx', [yes, '--package', version, '--', join(root, 'node_modules', '.bin', 'lerna'), ...lerna, ...args])
