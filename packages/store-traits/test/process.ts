import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** An empty folder, and what removes it. */
export async function temporaryFolder(): Promise<{
  readonly path: string
  readonly remove: () => Promise<void>
}> {
  const path = await mkdtemp(join(tmpdir(), 'store-traits-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Makes one JavaScript file of a program beside this one, and returns its path. */
export async function compile(program: string, into: string): Promise<string> {
  const conditions = ['@ilp/source', 'node', 'import', 'default']
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true, resolve: { conditions } },
    build: {
      ssr: fileURLToPath(new URL(program, import.meta.url)),
      outDir: into,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { output: { format: 'es', entryFileNames: '[name].mjs' } },
    },
  })
  return join(into, program.replace(/\.ts$/, '.mjs'))
}

/** A program in a process of its own, and the lines that it prints. */
export interface Program {
  readonly child: ChildProcess
  /** The next line; rejects when the process ends instead. */
  readonly line: () => Promise<string>
  /** All lines that it printed, once it has ended. */
  readonly ended: Promise<readonly string[]>
}

/** @param fileBlocksMax the longest file that it can write, in units of 512 octets */
export function run(path: string, args: readonly string[], fileBlocksMax?: number): Program {
  const limit = fileBlocksMax === undefined ? '' : `ulimit -f ${fileBlocksMax};`
  const child = spawn('sh', ['-c', `${limit} exec "$0" "$@"`, process.execPath, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  let wake = () => {}
  let taken = 0
  let hasEnded = false
  createInterface({ input: child.stdout }).on('line', line => {
    lines.push(line)
    wake()
  })
  const ended = once(child, 'close').then(() => {
    hasEnded = true
    wake()
    return lines
  })
  return {
    child,
    ended,
    line: async () => {
      while (taken >= lines.length && !hasEnded) await new Promise<void>(resolve => (wake = resolve))
      const line = lines[taken++]
      if (line === undefined) throw new Error('the process has ended')
      return line
    },
  }
}

/** Kills it, and waits until it is gone. */
export async function kill({ child, ended }: Program): Promise<readonly string[]> {
  child.kill('SIGKILL')
  return ended
}
