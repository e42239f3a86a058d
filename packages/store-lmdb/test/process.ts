import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { onTestFinished } from 'vitest'

/** An empty folder, removed behind the test. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'store-lmdb-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Makes one JavaScript file of a program beside this one, where LMDB is found, and returns its path. */
export async function compile(program: string): Promise<string> {
  const cache = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url))
  await mkdir(cache, { recursive: true })
  const into = await mkdtemp(join(cache, 'program-'))
  onTestFinished(() => rm(into, { recursive: true, force: true }))
  const conditions = ['@ilp/source', 'node', 'import', 'default']
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true, external: ['lmdb'], resolve: { conditions } },
    build: {
      ssr: fileURLToPath(new URL(program, import.meta.url)),
      outDir: into,
      target: 'node20',
      rollupOptions: { output: { format: 'es', entryFileNames: '[name].mjs' } },
    },
  })
  return join(into, program.replace(/\.ts$/, '.mjs'))
}

/** Starts a program, which tells `hear` what it has to say. It is killed behind the test. */
export function start(
  path: string,
  args: readonly string[],
  hear: (message: unknown) => void,
  fileBlocksMax?: number,
): ChildProcess {
  const limit = fileBlocksMax === undefined ? '' : `ulimit -S -f ${fileBlocksMax};`
  const child = spawn('sh', ['-c', `${limit} exec "$0" "$@"`, process.execPath, path, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.on('message', hear)
  return child
}

/** Resolves when it is gone, and all that it said was heard. */
export async function gone(child: ChildProcess): Promise<void> {
  await once(child, 'close')
}
