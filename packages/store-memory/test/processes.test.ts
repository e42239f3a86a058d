import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startProgram } from '@ilp/test-peers'
import { expect, it, onTestFinished } from 'vitest'

const payer = fileURLToPath(new URL('fixtures/payer.ts', import.meta.url))
const [leaseMs, holdMaxMs] = [150, 150]

it('a process that is paused past its lease comes back and books all that it relayed', async () => {
  const child = startProgram(payer, [String(leaseMs), String(holdMaxMs)])
  onTestFinished(() => void child.process.kill('SIGKILL'))
  const told: unknown[] = []
  let wake = () => {}
  child.process.on('message', message => {
    told.push(message)
    wake()
  })
  void child.exited.then(() => wake())
  /** Resolves when it has told of so many more commits. */
  const pays = async (more: number) => {
    for (const before = told.length; told.length < before + more; ) {
      if (child.process.exitCode !== null) throw new Error(`the payer has ended: ${child.output()}`)
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  for (let pauses = 0; pauses < 3; pauses++) {
    await pays(50)
    child.process.kill('SIGSTOP')
    await sleep(leaseMs + holdMaxMs + 100)
    child.process.kill('SIGCONT')
  }
  await pays(50)
  child.process.send('stop')
  await child.exited

  const booked = BigInt(told.length - 1)
  expect(new Set(told.slice(0, -1))).toEqual(new Set(['booked']))
  expect(told.at(-1)).toEqual([
    { balance: -2n * booked, heldOut: 0n, heldIn: 0n },
    { balance: booked, heldOut: 0n, heldIn: 0n },
  ])
})
