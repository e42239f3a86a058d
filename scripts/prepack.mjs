/**
 * Makes of each published manifest what its users get. lerna packs what lies there: once it has put versions in the
 * place of `workspace:`, it runs this as the root's `prepack`, and behind it puts the files back. Needs pnpm on the PATH,
 * as lerna does.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, workspace } from './workspace.mjs'

const folder = mkdtempSync(join(tmpdir(), 'prepack-'))
try {
  const published = workspace().filter(({ manifest }) => !manifest.private)
  const filters = published.map(({ manifest }) => `--filter=${manifest.name}`)
  execFileSync('pnpm', ['--recursive', ...filters, 'pack', '--pack-destination', folder], { cwd: root })
  for (const { dir, manifest } of published) {
    const tarball = `${manifest.name.slice(1).replace('/', '-')}-${manifest.version}.tgz`
    const text = execFileSync('tar', ['-xzOf', join(folder, tarball), 'package/package.json'])
    writeFileSync(join(root, dir, 'package.json'), text)
  }
} finally {
  rmSync(folder, { recursive: true })
}
