import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { configFile, ready, run, runToEnd } from './support/command.js'
import { account, settings } from './support/settings.js'

it('keeps its store in a folder, which it can use again when it was killed, and no other process beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ilp-connector-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const config = {
    ilpAddress: 'test.alice',
    store: `lmdb:${join(folder, 'data')}`,
    accounts: [account('bob')],
  }
  const file = await configFile(JSON.stringify(settings(config)), 'connector.json')
  const start = () => ready(run(['start', '--config', file]))

  const first = await start()
  const { output, exitCode } = await runToEnd(['start', '--config', file])
  expect(output).toContain(`uses ${join(folder, 'data')}`)
  expect(exitCode).toBe(1)
  first.signal('SIGKILL')
  expect(await first.ended()).toBe('SIGKILL')

  const second = await start()
  expect((await second.admin('/accounts/bob/balance')).status).toBe(200)
  second.signal('SIGTERM')
  expect(await second.ended()).toBe(0)
})
