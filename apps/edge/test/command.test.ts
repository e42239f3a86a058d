import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startProgram } from '@ilp/test-peers'
import { describe, expect, it, onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const SETTINGS = {
  ilpAddress: 'test.alice.edge',
  listen: '127.0.0.1:0',
  asset: { code: 'USD', scale: 9 },
  upstream: { outgoing: { url: 'http://127.0.0.1:1/ilp' } },
  accounts: [],
}

/** Runs the command on a folder of its own, with these settings in a file. */
async function run(settings: object) {
  const folder = await mkdtemp(join(tmpdir(), 'ilp-edge-'))
  const file = join(folder, 'edge.json')
  await writeFile(file, JSON.stringify({ dataDir: join(folder, 'data'), ...settings }))
  const program = startProgram(MAIN, [file], { ILP_SECRET_SEED: '07'.repeat(32) })
  onTestFinished(async () => {
    await program.stop()
    await rm(folder, { recursive: true })
  })
  return program
}

describe('ilp-edge', () => {
  it('takes packets when it is ready, and ends at SIGTERM', async () => {
    const program = await run(SETTINGS)
    const [line] = await program.printed(/^.*"msg":"ready".*$/m, 20_000)
    const { url } = JSON.parse(line) as { url: string }
    expect((await fetch(`${url}/ilp`, { method: 'POST' })).status).toBe(401)
    program.process.kill('SIGTERM')
    await program.exited
    expect(program.process.exitCode).toBe(0)
  })

  it('says what it expected, and ends with exit code 1', async () => {
    const program = await run({ ...SETTINGS, listen: '7780' })
    await program.exited
    expect(program.output()).toContain('expected HOST:PORT, such as 127.0.0.1:7780')
    expect(program.process.exitCode).toBe(1)
  })
})
