import { readFile } from 'node:fs/promises'
import { wrongUsage } from './failure.js'
import type { Terminal } from './terminal.js'

const TEXT_BYTES_MAX = 1_048_576

/** What a file holds; `-` stands for the standard input, which can be read once. */
export async function readText(file: string, terminal: Pick<Terminal, 'stdin'>): Promise<string> {
  if (file === '-') return readInput(terminal)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw wrongUsage(`${file} can't be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** A secret that a file holds, but for the line break behind it. */
export async function readSecret(file: string, terminal: Pick<Terminal, 'stdin'>): Promise<string> {
  const secret = (await readText(file, terminal)).replace(/\r?\n$/, '')
  if (secret !== '') return secret
  throw wrongUsage(`${file === '-' ? 'the standard input' : file} is empty: expected a secret`)
}

async function readInput({ stdin }: Pick<Terminal, 'stdin'>): Promise<string> {
  if (stdin.readableEnded) throw wrongUsage('the standard input can be read for one option only')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > TEXT_BYTES_MAX) throw wrongUsage(`the standard input has more than ${TEXT_BYTES_MAX} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}
