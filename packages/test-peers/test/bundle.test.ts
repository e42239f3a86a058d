import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { bundleProgram, startProgram } from '../src/index.js'

it('a bundled program runs as it is written, with our packages and those of others', async () => {
  // In this package, since that is where its imports are looked up.
  const folder = await mkdtemp(join(import.meta.dirname, 'program-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const script = join(folder, 'program.ts')
  await writeFile(
    script,
    `import { isAddress } from '@ilp/service-core'
     import { Type } from 'ilp-packet'
     const answer: string = [isAddress('test.alice'), Type.TYPE_ILP_PREPARE, ...process.argv.slice(2)].join(' ')
     console.log(answer)`,
  )
  const bundle = await bundleProgram(script)
  expect(await bundleProgram(script)).toBe(bundle)
  const program = startProgram(bundle, ['and', 'more'])
  onTestFinished(program.stop)
  await program.exited
  expect(program.output()).toBe('true 12 and more\n')
  expect(program.process.exitCode).toBe(0)
})
