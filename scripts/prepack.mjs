/**
 * Makes of each published manifest what its users get. lerna packs what lies there: once it has put versions in the
 * place of `workspace:`, it runs this as the root's `prepack`, and behind it puts the files back. Needs pnpm on the PATH,
 * as lerna does.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packing, root, tarballName, workspace } from './workspace.mjs'

const folder = mkdtempSync(join(tmpdir(), 'prepack-'))
try {
  const published = workspace().filter(({ manifest }) => !manifest.private)
  execFileSync('pnpm', packing(published, folder), { cwd: root })
  for (const { dir, manifest } of published) {
    const tarball = join(folder, tarballName(manifest))
    const text = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'])
    writeFileSync(join(root, dir, 'package.json'), text)
  }
} finally {
  rmSync(folder, { recursive: true })
}
