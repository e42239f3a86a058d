import { execFile } from 'node:child_process'
import { access, constants, mkdir, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { lockDirectory, StoreError } from '@ilp/store-traits'

/** A program, and what somebody has to install who lacks it. */
export interface Program {
  readonly name: string
  /** Folders to look in besides PATH. */
  readonly folders: () => Promise<readonly string[]>
  /** The Debian package that brings it. */
  readonly debianPackage: string
  /** What to do where it can't be installed. */
  readonly otherwise: string
}

const run = promisify(execFile)
const LOCK_RETRY_MS = 200

/** Debian's folders of Postgres, the newest version first. */
async function postgresFolders(): Promise<readonly string[]> {
  const root = '/usr/lib/postgresql'
  const versions = await readdir(root).catch(() => [])
  return versions.sort((a, b) => Number(b) - Number(a)).map(version => join(root, version, 'bin'))
}

const POSTGRES = {
  folders: postgresFolders,
  debianPackage: 'postgresql',
  otherwise: 'name a running server in POSTGRES_URL',
}

export const redisServerProgram: Program = {
  name: 'redis-server',
  folders: async () => [],
  debianPackage: 'redis-server',
  otherwise: 'name a running server in REDIS_URL',
}
export const postgresProgram: Program = { name: 'postgres', ...POSTGRES }
export const initdbProgram: Program = { name: 'initdb', ...POSTGRES }

async function find({ name, folders }: Program): Promise<string | undefined> {
  const { PATH = '' } = process.env
  for (const folder of [...(await folders()), ...PATH.split(delimiter)]) {
    const path = join(folder, name)
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}

/** Takes the lock that installs share, waiting for it. */
async function lockInstalls(): Promise<() => Promise<void>> {
  const folder = join(tmpdir(), 'ilp-test-servers')
  await mkdir(folder, { recursive: true })
  for (;;) {
    try {
      return await lockDirectory(folder)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      await sleep(LOCK_RETRY_MS)
    }
  }
}

async function install(debianPackage: string): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const aptGet = (...args: string[]) =>
    run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-y', ...args], { env })
  await aptGet('update')
  await aptGet('install', '--no-install-recommends', debianPackage)
}

/**
 * The path of the program. One that is missing is installed where that is possible: on Debian and its kin, as root.
 * @throws Error that says what to install
 */
export async function locate(program: Program): Promise<string> {
  const found = await find(program)
  if (found) return found
  const { name, debianPackage, otherwise } = program
  const isDebian = process.getuid?.() === 0 && (await find({ ...program, name: 'apt-get' })) !== undefined
  let failure: unknown
  if (isDebian) {
    const unlock = await lockInstalls()
    try {
      // Somebody else may have installed it while this process waited.
      const meanwhile = await find(program)
      if (meanwhile) return meanwhile
      await install(debianPackage)
    } catch (error) {
      failure = error
    } finally {
      await unlock()
    }
    const installed = await find(program)
    if (installed) return installed
  }
  throw new Error(
    `${name} is not there: install the package "${debianPackage}" of your system (Debian, Ubuntu: ` +
      `apt-get install ${debianPackage}), put ${name} on the PATH, or ${otherwise}`,
    { cause: failure },
  )
}
