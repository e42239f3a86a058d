import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { DASHBOARD_DIR } from '@ilp/dashboard'
import { type Answer, type Endpoint, endpoint } from './endpoint.js'
import { Problem } from './problem.js'

const HTML = 'text/html; charset=utf-8'

/** What a file is sent as. A file of another kind is not sent. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** The page asks nobody but this listener, runs no script but its own, and stands in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** A file's name, and nothing that leads to another folder. */
const FILE_NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/

/** The dashboard's files. They hold no data: the page asks for the token, and shows nothing before. */
export const dashboardEndpoints = (dir = DASHBOARD_DIR): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/',
    summary: 'The dashboard; asks for no token by itself',
    isPublic: true,
    answers: { 200: { description: 'the page', contentType: HTML } },
    problems: [404],
    handle: async () => ({
      ...(await file(join(dir, 'index.html'), 'the dashboard has not been built')),
      headers: {
        ...HEADERS,
        'content-type': HTML,
        'cache-control': 'no-cache',
        'content-security-policy': POLICY,
      },
    }),
  }),
  endpoint({
    method: 'GET',
    path: '/assets/{file}',
    summary: 'What the dashboard is made of',
    isPublic: true,
    answers: { 200: { description: 'a file, which never changes', contentType: '*/*' } },
    problems: [404],
    handle: async ({ params: { file: name = '' } }) => {
      const type = CONTENT_TYPES[extname(name)]
      if (type === undefined || !FILE_NAME.test(name)) throw new Problem(404)
      return {
        ...(await file(join(dir, 'assets', name))),
        headers: {
          ...HEADERS,
          'content-type': type,
          'cache-control': 'public, max-age=31536000, immutable',
        },
      }
    },
  }),
]

const NOT_A_FILE = new Set<unknown>(['ENOENT', 'EISDIR'])

/** @throws Problem 404 */
async function file(path: string, missing?: string): Promise<Answer> {
  try {
    return { status: 200, body: await readFile(path) }
  } catch (error) {
    if (NOT_A_FILE.has((error as NodeJS.ErrnoException).code)) throw new Problem(404, missing)
    throw error
  }
}
