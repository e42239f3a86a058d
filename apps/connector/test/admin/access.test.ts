import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DASHBOARD_DIR } from '@ilp/dashboard'
import { describe, expect, it } from 'vitest'
import { AdminApi } from '../support/admin-api.js'
import { startConnector } from '../support/connector.js'
import { ADMIN_TOKEN, tokenOf } from '../support/face.js'
import { account } from '../support/settings.js'

/** What each endpoint answers the operator who sends nothing along, about an account of the file. */
const TABLE: Readonly<Record<string, number>> = {
  'GET /health': 200,
  'GET /health/live': 200,
  'GET /accounts': 200,
  'POST /accounts': 400,
  'GET /accounts/{username}': 200,
  'PATCH /accounts/{username}': 400,
  'DELETE /accounts/{username}': 409,
  'POST /accounts/{username}/tokens': 400,
  'GET /accounts/{username}/balance': 200,
  'GET /balances': 200,
  'GET /positions': 200,
  'GET /accounts/{username}/adjustments': 200,
  'POST /accounts/{username}/adjustments': 400,
  'GET /accounts/{username}/payments': 200,
  'POST /accounts/{username}/payments': 400,
  'GET /accounts/{username}/payments/{id}': 404,
  'DELETE /accounts/{username}/payments/{id}': 404,
  'POST /ping': 400,
  'GET /routes': 200,
  'POST /routes': 400,
  'DELETE /routes': 400,
  'GET /rates': 200,
  'PUT /rates/{code}': 400,
  'DELETE /rates/{code}': 404,
  'GET /settlement': 200,
  'POST /settlement/retry': 202,
  'GET /reconciliation': 200,
  'DELETE /reconciliation/{id}': 400,
  'GET /connections': 200,
  'GET /connections/http': 200,
  'GET /alerts': 200,
  'POST /accounts/{username}/reconnect': 202,
  'GET /log-level': 409,
  'PUT /log-level': 400,
  'GET /events': 200,
  'GET /metrics': 200,
  'GET /traffic': 200,
  'GET /openapi.json': 200,
  'GET /': existsSync(join(DASHBOARD_DIR, 'index.html')) ? 200 : 404,
  'GET /assets/{file}': 404,
}

/** They hold nothing, or nothing but whether packets can be taken. */
const PUBLIC = new Set(['GET /health', 'GET /health/live', 'GET /', 'GET /assets/{file}'])

describe('every endpoint of the admin API', () => {
  it('is for those who have the operator’s token, and for nobody else', async () => {
    const node = await startConnector({ ilpAddress: 'test.node', accounts: [account('bob')] })
    const { description } = await AdminApi.of(node)
    const all = Object.entries(description.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(method => [method.toUpperCase(), path] as const),
    )
    expect(all.map(([method, path]) => `${method} ${path}`).toSorted()).toEqual(Object.keys(TABLE).toSorted())

    const statusFor = async (method: string, path: string, authorization?: string) => {
      const url = `${node.adminUrl}${path.replace('{username}', 'bob')}`
      const over = new AbortController()
      const headers = authorization === undefined ? {} : { authorization }
      const { status } = await fetch(url, { method, headers, signal: over.signal })
      over.abort()
      return status
    }
    for (const [method, path] of all) {
      const name = `${method} ${path}`
      const refused = PUBLIC.has(name) ? TABLE[name] : 401
      const strangers = [
        undefined,
        'Bearer wrong',
        `Bearer ${tokenOf('bob')}`,
        `Bearer ${ADMIN_TOKEN}x`,
        `Basic ${ADMIN_TOKEN}`,
        ADMIN_TOKEN,
      ]
      for (const authorization of strangers) {
        expect(await statusFor(method, path, authorization), `${name} ${authorization}`).toBe(refused)
      }
      expect(await statusFor(method, path, `Bearer ${ADMIN_TOKEN}`), name).toBe(TABLE[name])
    }
  })

  it('is in the README', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    const part = readme.slice(readme.indexOf('\n## Admin API\n'), readme.indexOf('\n## Stopping'))
    const cells = [...part.matchAll(/^\| (`.+?) \| /gm)].map(([, cell = '']) => cell).join()
    const named = [...cells.matchAll(/`([A-Z]+ \/[^`?]*)/g)].map(([, name = '']) => name)
    expect(named.toSorted()).toEqual(Object.keys(TABLE).toSorted())
  })

  it('refuses what is too large, what is no JSON, and what it doesn’t know', async () => {
    const node = await startConnector({ ilpAddress: 'test.node' })
    const ask = (path: string, method: string, body: string, type = 'application/json') =>
      fetch(`${node.adminUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type },
        body,
      })
    const answers = await Promise.all([
      ask('/accounts', 'POST', `"${'x'.repeat(65_536)}"`),
      ask('/accounts', 'POST', '{'),
      ask('/accounts', 'POST', '{}', 'text/plain'),
      ask('/accounts', 'POST', '{"__proto__": {}}'),
      ask('/nothing', 'POST', '{}'),
      ask('/accounts', 'PUT', '{}'),
    ])
    expect(answers.map(({ status }) => status)).toEqual([413, 400, 415, 400, 404, 404])
    for (const answer of answers) {
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(await answer.json()).toMatchObject({ status: answer.status })
    }
  })
})
