import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dashboardEndpoints } from '../../src/admin/dashboard.js'
import type { Answer, Params } from '../../src/admin/endpoint.js'
import { Problem } from '../../src/admin/problem.js'

/** A folder with a page, an asset, and things that are nobody's business. */
async function built(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ilp-page-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  await mkdir(join(dir, 'assets', 'folder.js'), { recursive: true })
  await writeFile(join(dir, 'index.html'), '<!doctype html>')
  await writeFile(join(dir, 'assets', 'index-B1.js'), 'let it')
  await writeFile(join(dir, 'assets', 'secret.txt'), 'secret')
  await writeFile(join(dir, 'secret.js'), 'secret')
  return dir
}

async function get(dir: string, path: string, params: Params = {}): Promise<Answer> {
  const found = dashboardEndpoints(dir).find(one => one.path === path)
  return (await found?.handle({
    params,
    query: undefined,
    body: undefined,
    raw: undefined,
    key: undefined,
  })) as Answer
}

const asset = (dir: string, file: string) => get(dir, '/assets/{file}', { file })
const notFound = expect.objectContaining({ status: 404 })

describe('the dashboard’s files', () => {
  it('are the page, which is asked for each time, and assets, which are kept', async () => {
    const dir = await built()
    const page = await get(dir, '/')
    expect(String(page.body)).toBe('<!doctype html>')
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    })
    expect(page.headers?.['content-security-policy']).not.toMatch(/unsafe|\*|https?:|data:/)
    const script = await asset(dir, 'index-B1.js')
    expect(String(script.body)).toBe('let it')
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    })
  })

  it.each([
    'nothing.js',
    'secret.txt',
    '../secret.js',
    '..%2fsecret.js',
    '..\\secret.js',
    '.js',
    '',
    'folder.js',
    'index-B1.js\0.js',
  ])('are not %j', async file => {
    const dir = await built()
    await expect(asset(dir, file)).rejects.toEqual(notFound)
  })

  it('need not be there', async () => {
    await expect(get('/nowhere', '/')).rejects.toEqual(new Problem(404, 'the dashboard has not been built'))
  })
})
