/**
 * A release, rehearsed: in a clone of this repository, against a registry on this machine. Publishes everything as it
 * is, changes one package, makes versions of that and publishes again; then installs from that registry what users
 * would, and runs it. Nothing of it leaves the temporary folder.
 */
import { execFile } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { packing, pnpm, root, tarballName, workspace } from './workspace.mjs'

const temporary = mkdtempSync(join(tmpdir(), 'rehearsal-'))
const clone = join(temporary, 'clone')
const published = workspace().filter(({ manifest }) => !manifest.private)

/** The registry lives in this process: nothing here may block. */
const run = (command, args, cwd = clone) =>
  new Promise((resolve, reject) => {
    execFile(command, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`))
      else resolve(stdout)
    })
  })
const say = what => console.log(`── ${what}`)
const readJson = path => JSON.parse(readFileSync(path, 'utf8'))
const assert = (isTrue, what) => {
  if (!isTrue) throw new Error(what)
}

/** The tree as it lies here, committed, installed as anybody would. */
async function makeClone() {
  await run('git', ['clone', '--quiet', root, clone], temporary)
  const listed = async (cwd, ...which) =>
    (await run('git', ['ls-files', '-z', ...which], cwd)).split('\0').filter(Boolean)
  for (const file of await listed(clone)) rmSync(join(clone, file))
  for (const file of await listed(root, '--cached', '--others', '--exclude-standard'))
    if (existsSync(join(root, file))) cpSync(join(root, file), join(clone, file))
  // Whoever publishes from a workflow proves where it was built; here nobody can.
  for (const { dir } of published) {
    const path = join(clone, dir, 'package.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"provenance": true', '"provenance": false'))
  }
  await run('git', ['config', 'user.name', 'Rehearsal'])
  await run('git', ['config', 'user.email', 'rehearsal@localhost'])
  await commit('chore: a rehearsal')
  await run(process.execPath, ['scripts/setup.mjs'])
}

async function commit(message) {
  await run('git', ['add', '--all'])
  await run('git', ['commit', '--quiet', '--no-verify', '--allow-empty', '--message', message])
}

/** verdaccio, with nothing behind it, on a port of this machine. */
async function startRegistry() {
  const home = join(temporary, 'verdaccio')
  mkdirSync(home)
  const manifest = {
    private: true,
    dependencies: { verdaccio: '6.5.2' },
    overrides: { 'node-fetch': '2.7.0' },
  }
  writeFileSync(join(home, 'package.json'), JSON.stringify(manifest))
  await run(
    'npm',
    ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'],
    home,
  )
  const { runServer } = createRequire(join(home, 'package.json'))('verdaccio')
  const server = await runServer({
    self_path: home,
    storage: join(home, 'storage'),
    auth: { htpasswd: { file: join(home, 'htpasswd') } },
    uplinks: {},
    packages: { '@ilp/*': { access: '$all', publish: '$all' } },
    log: { type: 'stdout', level: 'error' },
  })
  await new Promise(resolve => server.listen(0, 'localhost', resolve))
  return server
}

/** What the registry has of a package. */
const asked = async (url, name) => (await fetch(url + name.replace('/', '%2f'))).json()

/** Holds what was published against what the packaging tests look at: the same files, the same manifest. */
async function inspect(url) {
  const folder = join(temporary, 'packed')
  mkdirSync(folder)
  await run('npx', [...pnpm, ...packing(published, folder)])
  for (const { manifest } of published) {
    const { versions } = await asked(url, manifest.name)
    const { dist, ...its } = versions[manifest.version]
    const theirs = join(temporary, 'theirs.tgz')
    writeFileSync(theirs, Buffer.from(await (await fetch(dist.tarball)).arrayBuffer()))
    const ours = join(folder, tarballName(manifest))
    const list = async tarball => (await run('tar', ['-tzf', tarball])).split('\n').sort().join('\n')
    assert(
      (await list(theirs)) === (await list(ours)),
      `${manifest.name}: lerna packs other files than pnpm does`,
    )
    const read = async tarball => JSON.parse(await run('tar', ['-xzOf', tarball, 'package/package.json']))
    const [wanted, packed] = [await read(ours), await read(theirs)]
    const compare = (its, fields) => {
      for (const field of fields)
        assert(isDeepStrictEqual(its[field], wanted[field]), `${manifest.name}: other ${field}`)
    }
    compare(packed, ['exports', 'dependencies', 'bin', 'files'])
    compare(its, ['exports', 'dependencies'])
    assert(
      !/workspace:|catalog:/.test(JSON.stringify(packed)),
      `${manifest.name}: a range of this repository`,
    )
  }
}

/** Installs the connector as a user does, and lets it explain itself. */
async function use(url, version) {
  const folder = join(temporary, `user-${version}`)
  mkdirSync(folder)
  writeFileSync(join(folder, '.npmrc'), `@ilp:registry=${url}\n`)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent']
  await run('npm', ['install', ...quiet, '@ilp/connector'], folder)
  await run(join(folder, 'node_modules', '.bin', 'ilp-connector'), ['--help'], folder)
  const installed = readJson(join(folder, 'node_modules', '@ilp', 'balance', 'package.json'))
  assert(
    installed.version === version,
    `the connector came with balance ${installed.version}, not ${version}`,
  )
}

const isClean = async () => (await run('git', ['status', '--porcelain'])) === ''

say('a clone')
await makeClone()
say('a registry')
const server = await startRegistry()
try {
  const { port } = server.address()
  const url = `http://localhost:${port}/`
  writeFileSync(join(clone, '.npmrc'), `//localhost:${port}/:_authToken=rehearsal\n`)
  appendFileSync(join(clone, '.git', 'info', 'exclude'), '.npmrc\n')
  const { version: first } = readJson(join(clone, 'lerna.json'))
  const release = (...args) =>
    run(process.execPath, ['scripts/release.mjs', ...args, '--yes', '--loglevel', 'warn'])

  say(`the first release, ${first}`)
  await release('publish', '--registry', url)
  await run('git', ['tag', '--annotate', `v${first}`, '--message', `v${first}`])
  assert(await isClean(), 'publishing leaves files changed')
  await inspect(url)
  await use(url, first)

  say('a change of one package')
  appendFileSync(join(clone, 'packages/balance/src/index.ts'), '// Changed.\n')
  await commit('fix(balance): a rehearsal of a change')
  await release('version', '--no-push')
  const { version: next } = readJson(join(clone, 'lerna.json'))
  assert(next !== first && (await isClean()), 'no new version, or files that are not committed')
  for (const log of ['CHANGELOG.md', 'packages/balance/CHANGELOG.md'])
    assert(
      readFileSync(join(clone, log), 'utf8').includes('a rehearsal of a change'),
      `${log} does not tell of it`,
    )

  say(`its release, ${next}`)
  await release('publish', '--registry', url)
  const versions = async name => Object.keys((await asked(url, name)).versions)
  assert((await versions('@ilp/balance')).includes(next), 'the changed package is not published')
  assert((await versions('@ilp/connector')).includes(next), 'nor is what depends on it')
  assert(!(await versions('@ilp/oer')).includes(next), 'an unchanged package is published again')
  await use(url, next)
  console.log(`${published.length} packages released twice`)
} finally {
  server.close()
  server.closeAllConnections()
  rmSync(temporary, { recursive: true })
}
