import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { initdbProgram, locate, postgresProgram } from './binaries.js'
import { type ServerProcess, startServer } from './server-process.js'

export interface PostgresOptions {
  /** Further settings by name, as in `{ max_connections: '200' }`. `fsync` and `synchronous_commit` are on. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Whether its data are kept in memory, where the system has a folder for that: they outlive a kill as they do on the
   * disk, and nobody waits for it. False unless given.
   */
  readonly inMemory?: boolean
}

const run = promisify(execFile)

/** Postgres refuses to run as root. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = await readFile('/etc/passwd', 'utf8')
  const [, , uid, gid] =
    users
      .split('\n')
      .map(line => line.split(':'))
      .find(([name]) => name === 'postgres') ?? []
  if (!uid || !gid)
    throw new Error('Postgres does not run as root, and there is no user "postgres": create one')
  return { uid: Number(uid), gid: Number(gid) }
}

/**
 * Starts a Postgres server of our own, also where POSTGRES_URL is set: one that may be killed, or has to be set up in
 * some way. Its superuser is `postgres`, without a password.
 * @throws Error that says what to install
 */
export async function postgresProcess({
  settings = {},
  inMemory = false,
}: PostgresOptions = {}): Promise<ServerProcess> {
  const [program, initdb] = [await locate(postgresProgram), await locate(initdbProgram)]
  const user = await unprivileged()
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'on',
    synchronous_commit: 'on',
    ...settings,
  }
  return startServer({
    name: 'postgres',
    url: port => `postgres://postgres@127.0.0.1:${port}/postgres`,
    command: (port, folder) => [
      program,
      ...['-D', folder, '-p', String(port)],
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    readyLine: /ready to accept connections/,
    busyLine: /Address already in use|shared memory block .* is still in use|lock file .* already exists/,
    endSignal: 'SIGINT',
    user,
    inMemory,
    prepare: async folder => {
      const args = ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
      await run(initdb, args, { cwd: folder, ...user })
    },
  })
}
