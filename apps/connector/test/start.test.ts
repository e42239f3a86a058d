import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { startProgram } from '@ilp/test-peers'
import { expect, it, onTestFinished } from 'vitest'
import { cli } from './support/cli.js'

const START = fileURLToPath(new URL('../src/start.ts', import.meta.url))
const ANY_PORTS = { ILP_LISTEN: '127.0.0.1:0', ILP_ADMIN_LISTEN: '127.0.0.1:0' }

function start(environment: Readonly<Record<string, string>>) {
  const program = startProgram(START, [], environment)
  onTestFinished(program.stop)
  return program
}

it('the ready-made connector says how to reach it, and what it says works', async () => {
  const program = start(ANY_PORTS)
  await program.printed(/Ctrl-C stops it/, 20_000)
  const page = program.output()
  expect(page).toContain('The connector is ready: test.node ')
  expect(page).toMatch(/^ {2}alice +local +USD\/9 +test\.node\.alice +alice-token$/m)
  expect(page).toMatch(/^ {2}bob +child +USD\/9 +test\.node\.bob +bob-token$/m)

  const commands = [...page.matchAll(/curl (\S+) -H '(\S+): (.+)'/g)]
  const answers = commands.map(async ([, url = '', name = '', value = '']) =>
    (await fetch(url, { headers: { [name]: value } })).json(),
  )
  expect(await Promise.all(answers)).toEqual([
    expect.objectContaining({ destination_account: expect.stringContaining('test.node.alice.') }),
    expect.objectContaining({ balance: '0' }),
  ])

  const [, status = ''] = /npx ilp-connector (status .*)/.exec(page) ?? []
  expect(await cli(status.split(' '))).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^✓ ready/) })

  program.process.kill('SIGINT')
  await program.exited
  expect(program.process.exitCode).toBe(0)
})

it('it says so when its port is in use', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const program = start({ ...ANY_PORTS, ILP_LISTEN: `127.0.0.1:${port}` })
  await program.exited
  expect(program.process.exitCode).toBe(1)
  expect(program.output()).toContain(
    `The connector can't start: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
  )
})
