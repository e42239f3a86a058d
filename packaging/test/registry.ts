import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import type { Packed } from './pack.js'

export interface Registry {
  /** Where it listens, on this machine only. */
  readonly url: string
  readonly close: () => Promise<void>
}

/** A registry with the packages of this repository and nothing else: what npm is told of as `@ilp:registry`. */
export async function serveRegistry(packages: readonly Packed[]): Promise<Registry> {
  const server = createServer((request, response) => {
    void answer(decodeURIComponent(request.url ?? '')).then(
      body => response.setHeader('cache-control', 'no-store').end(body),
      () => response.writeHead(404).end('{}'),
    )
  })
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve))
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`

  async function answer(path: string): Promise<Buffer | string> {
    const names = ({ manifest, tarball }: Packed) => [`/${manifest.name}`, `/${basename(tarball)}`]
    const asked = packages.find(candidate => names(candidate).includes(path))
    if (!asked) throw new Error(`${path} is not here`)
    const bytes = await readFile(asked.tarball)
    if (path.endsWith('.tgz')) return bytes
    const { name, version } = asked.manifest
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    const dist = { integrity, tarball: url + basename(asked.tarball) }
    const versions = { [version]: { ...asked.manifest, dist } }
    return JSON.stringify({ name, 'dist-tags': { latest: version }, versions })
  }

  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, close }
}
