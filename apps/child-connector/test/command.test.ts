import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startProgram } from '@ilp/test-peers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startParent } from './parent.js'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const ENVIRONMENT = {
  ILP_PARENT_TOKEN: 'of-laptop',
  ILP_LOCAL_TOKEN: 'of-me',
  ILP_SECRET_SEED: '07'.repeat(32),
}
const ARGUMENTS = ['--parent', 'ws://127.0.0.1:1', '--asset', 'USD/9', '--listen', '127.0.0.1:0']

function run(args: readonly string[], environment: Readonly<Record<string, string>> = ENVIRONMENT) {
  const program = startProgram(MAIN, args, environment)
  onTestFinished(program.stop)
  return program
}

describe('ilp-child-connector', () => {
  it('is ready when its parent has told it its address, keeps its books in a folder, and ends at SIGTERM', async () => {
    const parent = await startParent()
    const data = await mkdtemp(join(tmpdir(), 'ilp-child-'))
    onTestFinished(() => rm(data, { recursive: true }))
    const program = run([...ARGUMENTS, '--parent', parent.url('laptop'), '--data', data])
    const [line] = await program.printed(/^.*"msg":"ready".*$/m, 20_000)
    const { url, address } = JSON.parse(line) as { url: string; address: string }
    expect(address).toBe('test.parent.laptop')
    const spsp = await fetch(`${url}/accounts/me/spsp`, { headers: { accept: 'application/spsp4+json' } })
    expect(spsp.status).toBe(200)
    program.process.kill('SIGTERM')
    await program.exited
    expect(program.process.exitCode).toBe(0)
  })

  it('ends at SIGINT while its parent is out of reach', async () => {
    const program = run(ARGUMENTS)
    await program.printed(/BTP peer is unreachable/, 20_000)
    program.process.kill('SIGINT')
    await program.exited
    expect(program.process.exitCode).toBe(0)
  })

  it('shows how it is used', async () => {
    const program = run(['--help'], {})
    await program.exited
    expect(program.output()).toContain('ilp-child-connector --parent')
    expect(program.process.exitCode).toBe(0)
  })

  it('says what it expected, and ends with exit code 1', async () => {
    const program = run([...ARGUMENTS, '--account', 'a.b'])
    await program.exited
    expect(program.output()).toContain('can not be the username of an account')
    expect(program.process.exitCode).toBe(1)
  })
})
