/** The files of docs/production, held against the programs that read them, as far as this machine has them. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { checkConfig, createConnector, loadConfig } from '@ilp/connector'
import { decodeReply, isFulfill, silentLogger } from '@ilp/service-core'
import { testPrepare } from '@ilp/service-testing'
import { freePorts } from '@ilp/test-peers'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { root } from '../site/pages.js'

const FOLDER = join(root, 'docs/production')
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const WITHIN = { timeout: 30_000, interval: 100 }

/** The program, if there is one: as the variable of its name says, or on the path. */
const has = (name: string): string | undefined => {
  const program = process.env[name.toUpperCase().replace('-', '_')] ?? name
  return spawnSync(program, ['--help'], { stdio: 'ignore' }).error ? undefined : program
}

let scratch: string
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'ilp-production-'))
})
afterAll(() => rmSync(scratch, { recursive: true }))

it('the configuration is taken, with the secrets of the environment', async () => {
  const secrets = read('secrets.env').match(/^ILP_\w+(?==$)/gm)
  expect(secrets).toEqual(['ILP_SECRET_SEED', 'ILP_ADMIN_TOKEN'])
  const environment = { ILP_SECRET_SEED: '42'.repeat(32), ILP_ADMIN_TOKEN: 'a-token' }
  const config = await loadConfig(join(FOLDER, 'connector.yaml'), environment)
  expect(config.accounts.map(({ username }) => username)).toEqual(['bob'])
})

// What systemd and the proxies say of the files is asked where the machine has them.
const analyze = has('systemd-analyze')
it.each(analyze ? [analyze] : [])('%s takes the unit', program => {
  const unit = read('ilp-connector.service')
    .replace('/usr/local/bin/ilp-connector', '/bin/true')
    .replace('/etc/ilp-connector/secrets.env', '/dev/null')
  const file = join(scratch, 'ilp-connector.service')
  writeFileSync(file, unit)
  const { status, stderr } = spawnSync(program, ['verify', '--man=no', file], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

it('the shell takes the script', () => {
  execFileSync('sh', ['-n', join(FOLDER, 'backup.sh')])
})

/** The proxies: what of their configuration is of another machine, and how they are started. */
const proxies = {
  nginx: (file: string, { port, connector, cert, key }: Place) => {
    const server = read('nginx.conf')
      .replace('listen 443', `listen 127.0.0.1:${port}`)
      .replace(/ {2}listen \[::\]:443.*\n/, '')
      .replace('127.0.0.1:7770', connector)
      .replace(/\/etc\/letsencrypt\S+fullchain\.pem/, cert)
      .replace(/\/etc\/letsencrypt\S+privkey\.pem/, key)
    const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map(kind => `${kind}_temp_path ${scratch}/${kind};`)
      .join('\n')
    const http = `http {\n${own}\naccess_log off;\n${server}\n}`
    writeFileSync(file, `pid ${scratch}/nginx.pid;\nerror_log stderr;\ndaemon off;\nevents {}\n${http}\n`)
    return ['-p', scratch, '-c', file]
  },
  caddy: (file: string, { port, connector, cert, key }: Place) => {
    const site = read('Caddyfile')
      .replace('example.com {', `https://example.com:${port} {\n\ttls ${cert} ${key}\n`)
      .replace('127.0.0.1:7770', connector)
    writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n}\n${site}`)
    return ['run', '--config', file, '--adapter', 'caddyfile']
  },
}

interface Place {
  readonly port: number
  readonly connector: string
  readonly cert: string
  readonly key: string
}

interface Answer {
  readonly status: number
  readonly body: Buffer
}

const names = Object.keys(proxies) as (keyof typeof proxies)[]
describe.each(names.filter(name => has(name)))('%s', name => {
  const program = has(name)
  it('brings packets and WebSockets to the connector, and nothing else', async () => {
    const connector = createConnector(
      checkConfig({
        ilpAddress: 'test.node',
        listen: '127.0.0.1:0',
        adminListen: '127.0.0.1:0',
        adminToken: 'a-token',
        secretSeed: '42'.repeat(32),
        accounts: [
          {
            username: 'bob',
            relation: 'child',
            asset: { code: 'USD', scale: 9 },
            http: { incomingTokens: ['bobs'] },
          },
        ],
      }),
      { logger: silentLogger },
    )
    await connector.start()
    onTestFinished(() => connector.stop())
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'example.com' }])
    const place = {
      port: (await freePorts(1))[0] as number,
      connector: new URL(connector.url()).host,
      cert: join(scratch, `${name}.crt`),
      key: join(scratch, `${name}.key`),
    }
    writeFileSync(place.cert, cert)
    writeFileSync(place.key, key)
    const args = proxies[name](join(scratch, `${name}.conf`), place)
    const proxy = spawn(program as string, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { HOME: scratch },
    })
    onTestFinished(() => ended(proxy))
    let log = ''
    proxy.stderr.on('data', text => (log += String(text)))

    const ask = (method: string, path: string, headers: object = {}, body?: Buffer): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const { port } = place
        const options = { host: '127.0.0.1', port, servername: 'example.com', rejectUnauthorized: false }
        const sent = request({ ...options, method, path, headers: { host: 'example.com', ...headers } })
        sent.on('error', error => reject(new Error(`${error.message}\n${log}`)))
        sent.on('upgrade', (response, socket) => {
          socket.destroy()
          resolve({ status: response.statusCode ?? 0, body: Buffer.alloc(0) })
        })
        sent.on('response', response => {
          void buffer(response).then(body => resolve({ status: response.statusCode ?? 0, body }), reject)
        })
        sent.end(body)
      })

    await vi.waitFor(() => ask('GET', '/'), WITHIN)
    const headers = { authorization: 'Bearer bobs', 'content-type': 'application/octet-stream' }
    for (const path of ['/ilp', '/accounts/bob/ilp']) {
      const { status, body } = await ask('POST', path, headers, testPrepare().toBuffer())
      expect(status).toBe(200)
      const reply = decodeReply(body)
      expect(isFulfill(reply) ? '' : reply.code).toBe('F02')
    }
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    for (const path of ['/btp', '/accounts/bob/ilp/btp']) {
      expect(await ask('GET', path, upgrade)).toMatchObject({ status: 101 })
    }
    expect(await ask('GET', '/accounts/nobody/spsp')).toMatchObject({ status: 404 })
    const ofOperators = ['/', '/accounts', '/accounts/bob', '/accounts/bob/balance', '/metrics', '/health']
    for (const path of ofOperators) {
      expect((await ask('GET', path, { authorization: 'Bearer a-token' })).status).toBe(404)
    }
  })
})

const ended = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
