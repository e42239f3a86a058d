/**
 * `npm run release -- version`: versions and changelogs from the commits since the last release, a commit and a tag.
 * `npm run release -- publish`: builds, and publishes each package whose version the registry hasn't got.
 * What follows is lerna's: `--yes`, `--no-push`, `--registry URL`.
 */
import { join } from 'node:path'
import { bin, pnpm, root, run } from './workspace.mjs'

const [step, ...args] = process.argv.slice(2)
const lerna = { version: ['version'], publish: ['publish', 'from-package'] }[step]
if (!lerna) {
  console.error('npm run release -- version, or npm run release -- publish')
  process.exit(1)
}
if (step === 'publish') run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--types'])
// lerna looks for the package manager on the PATH, and asks before it does anything.
const [yes, version] = pnpm
run('npx', [yes, '--package', version, '--', bin('lerna'), ...lerna, ...args], 'inherit')
