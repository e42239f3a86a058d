import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ProjectKind, project } from './project.js'
import { baseName } from './sources.js'

const HELP = `Starts a package of your own, in a folder of its name.

  npm create @ilp store my-store
  npm create @ilp middleware my-layer

  store        balances, holds and settlements, against the suite that every store has to pass
  middleware   a layer of the chain that refuses some packets`

const isKind = (text: string | undefined): text is ProjectKind => text === 'store' || text === 'middleware'

/** Does what the command line says, in this folder; returns the exit code. */
export async function main(args: readonly string[], folder: string): Promise<number> {
  const [kind, name] = args
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP)
    return 0
  }
  if (!isKind(kind) || name === undefined || args.length > 2) {
    console.error(HELP)
    return 1
  }
  try {
    await start(kind, name, folder)
    return 0
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
}

async function start(kind: ProjectKind, name: string, folder: string): Promise<void> {
  const base = baseName(name)
  const files = await project(kind, name)
  const target = join(folder, base)
  await mkdir(target, { recursive: true })
  if ((await readdir(target)).length > 0) throw new Error(`${target} is there, and is not empty`)
  for (const [path, text] of files) {
    await mkdir(dirname(join(target, path)), { recursive: true })
    await writeFile(join(target, path), text)
  }
  console.log(`${name} is in ${base}/. What to do next:

  cd ${base}
  npm install
  npm test`)
}
