import { fileURLToPath } from 'node:url'
import { startProgram } from '@ilp/test-peers'
import { describe, expect, it, onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const ENVIRONMENT = { ILP_INCOMING_TOKEN: 'token', ILP_SECRET_SEED: '07'.repeat(32) }
const ARGUMENTS = ['--address', 'test.node.shop', '--asset', 'USD/9', '--listen', '127.0.0.1:0']

function run(args: readonly string[], environment: Readonly<Record<string, string>> = ENVIRONMENT) {
  const program = startProgram(MAIN, args, environment)
  onTestFinished(program.stop)
  return program
}

describe('ilp-stream-receiver', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'answers queries when it is ready, and ends at %s',
    async signal => {
      const program = run(ARGUMENTS)
      const [line] = await program.printed(/^.*"msg":"ready".*$/m, 20_000)
      const { url } = JSON.parse(line) as { url: string }
      const response = await fetch(`${url}/.well-known/pay`, {
        headers: { accept: 'application/spsp4+json' },
      })
      expect(await response.json()).toMatchObject({
        destination_account: expect.stringMatching(/^test\.node\.shop\./),
      })
      program.process.kill(signal)
      await program.exited
      expect(program.process.exitCode).toBe(0)
    },
  )

  it('shows how it is used', async () => {
    const program = run(['--help'], {})
    await program.exited
    expect(program.output()).toContain('ilp-stream-receiver --address')
    expect(program.process.exitCode).toBe(0)
  })

  it.each<[string, readonly string[], Readonly<Record<string, string>>?]>([
    ['expected an ILP address in --address', ['--address', 'shop']],
    ['expected a code and a scale', [...ARGUMENTS, '--asset', 'USD']],
    ['expected HOST:PORT in --listen', [...ARGUMENTS, '--listen', '7780']],
    ["Unknown option '--adress'", [...ARGUMENTS, '--adress', 'x']],
    ['expected a token in ILP_INCOMING_TOKEN', ARGUMENTS, { ...ENVIRONMENT, ILP_INCOMING_TOKEN: '' }],
    [
      'expected 64 hexadecimal digits in ILP_SECRET_SEED',
      ARGUMENTS,
      { ...ENVIRONMENT, ILP_SECRET_SEED: '07' },
    ],
  ])('says “%s”, and ends with exit code 1', async (message, args, environment) => {
    const program = run(args, environment)
    await program.exited
    expect(program.output()).toContain(message)
    expect(program.process.exitCode).toBe(1)
  })
})
