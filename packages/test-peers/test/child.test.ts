import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type Child, startChild } from '../src/child.js'

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const parent = fileURLToPath(new URL('./fixtures/parent.ts', import.meta.url))

describe('startChild', () => {
  const children: Child[] = []
  const start = (...args: string[]) => {
    const child = startChild(args)
    children.push(child)
    return child
  }
  afterEach(() => Promise.all(children.splice(0).map(child => child.stop())))

  it('gives a process that ends when this one is killed', async () => {
    const child = start('--import', tsx, '--conditions=@ilp/source', parent)
    const [, port] = await child.printed(/listens on (\d+),/, 30_000)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    // What the system had taken for it before it looked is reset: that is an end too.
    const grandchildGone = new Promise(resolve => socket.once('close', resolve))
    child.process.kill('SIGKILL')
    await grandchildGone
  })

  it('kills what ignores SIGTERM', async () => {
    const child = start(
      '--eval',
      'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6); console.log("up")',
    )
    await child.printed(/up/, 30_000)
    await child.stop()
    expect(child.process.signalCode).toBe('SIGKILL')
  })

  it('says what the process wrote when it ends too early', async () => {
    const child = start('--eval', 'console.error("no such luck"); process.exit(3)')
    await expect(child.printed(/ready/, 30_000)).rejects.toThrow('no such luck')
  })

  it('gives up on what does not come in time', async () => {
    const child = start('--eval', 'setInterval(() => {}, 1e6)')
    await expect(child.printed(/ready/, 1)).rejects.toThrow('1 ms passed')
  })
})
