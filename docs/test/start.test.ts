/** What docs/start.md tells readers to type is typed here, and answers as the page says. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { freePorts } from '@ilp/test-peers'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { root } from '../site/pages.js'
import { blocksOf } from './blocks.js'

const WITHIN = { timeout: 60_000, interval: 200 }
const page = readFileSync(join(root, 'docs/start.md'), 'utf8')

/** The ports that the page has, each replaced by a free one. */
const PORTS = ['7770', '7772', '7780', '7782']
const ports = new Map<string, string>()
const placed = (text: string) => text.replace(/\b77[78][02]\b/g, port => ports.get(port) ?? port)

let folder: string
const running: ChildProcess[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ilp-start-'))
  const free = await freePorts(PORTS.length)
  PORTS.forEach((port, index) => {
    ports.set(port, String(free[index]))
  })
  // The two commands of this repository run from its sources; the rest is the machine's own.
  const require = createRequire(join(root, 'packages/test-peers/package.json'))
  const node = `'${process.execPath}' --import '${pathToFileURL(require.resolve('tsx')).href}' --conditions=@ilp/source`
  const source = (name: string) => `'${join(root, 'apps/connector/src', name)}'`
  const listen = `ILP_LISTEN=127.0.0.1:${ports.get('7770')} ILP_ADMIN_LISTEN=127.0.0.1:${ports.get('7772')}`
  program('npm', `[ "$*" = start ] || exit 1\n${listen} ${node} ${source('start.ts')}`)
  program('npx', `[ "$1" = ilp-connector ] || exit 1\nshift\n${node} ${source('main.ts')} "$@"`)
})

afterAll(async () => {
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  rmSync(folder, { recursive: true })
})

const program = (name: string, script: string) =>
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })

function shell(script: string): ChildProcess {
  const { PATH } = process.env
  const child = spawn('bash', ['-euo', 'pipefail', '-c', placed(script)], {
    cwd: folder,
    // Of a process group of its own, which ends as a whole.
    detached: true,
    env: { PATH: `${folder}:${PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  return child
}

/** Types a block that goes on running, until it prints something. */
function start(script: string, ready: RegExp): Promise<void> {
  const child = shell(script)
  let output = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', text => {
        output += String(text)
        if (ready.test(output)) resolve()
      })
    }
    child.once('close', () => {
      running.splice(running.indexOf(child), 1)
      reject(new Error(`${script}\nended: ${output}`))
    })
  })
}

/** Types a block; returns what it printed. */
function run(script: string): Promise<string> {
  const child = shell(script)
  let output = ''
  let errors = ''
  child.stdout?.on('data', text => (output += String(text)))
  child.stderr?.on('data', text => (errors += String(text)))
  return new Promise((resolve, reject) => {
    child.once('close', code => {
      running.splice(running.indexOf(child), 1)
      if (code === 0) resolve(output)
      else reject(new Error(`${script}\nended with ${code}: ${output}${errors}`))
    })
  })
}

it('what the page says to type works, and answers as it says', async () => {
  const blocks = blocksOf(page)
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly repository: { readonly url: string }
  }
  let variables = ''
  let typed = 0
  for (const [index, { language, text }] of blocks.entries()) {
    if (language !== 'sh') continue
    typed += 1
    const answer = blocks[index + 1]
    if (text.startsWith('git clone')) {
      const [clone, folderOfIt, ...rest] = text.trimEnd().split('\n')
      expect(`git+${clone?.replace('git clone ', '')}`).toBe(repository.url)
      expect(folderOfIt).toBe('cd interledger-ts')
      await start(rest.join('\n'), /The connector is ready: test\.node /)
    } else if (text.startsWith('npx ilp-connector start')) {
      await start(text, /"msg":"ready"/)
    } else if (/^((export )?\w+=.*\n)+$/.test(text)) {
      variables += text
    } else if (answer?.language === 'json') {
      const wanted: unknown = JSON.parse(answer.text)
      await vi.waitFor(async () => {
        expect(JSON.parse(await run(variables + text))).toMatchObject(wanted as object)
      }, WITHIN)
    } else {
      const output = await run(variables + text)
      if (text.startsWith('curl')) expect(JSON.parse(output)).not.toHaveProperty('status')
    }
  }
  expect(typed).toBeGreaterThan(18)
}, 180_000)
