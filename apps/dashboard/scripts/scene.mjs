/** Two connectors with accounts, links and traffic of all kinds: what there is to see on the screenshots. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { octets, prepare } from './packets.mjs'

const COMMAND = join(import.meta.dirname, '../../connector/bin/ilp-connector.js')
const TOKEN = 'token-of-the-operator'
const usd = { code: 'USD', scale: 9 }
const eur = { code: 'EUR', scale: 6 }

const common = {
  listen: '127.0.0.1:0',
  adminListen: '127.0.0.1:0',
  adminToken: TOKEN,
  payments: { allowHttp: true, allowPrivateAddresses: true },
  allowVolatileSettlement: true,
}

/** Starts it, and settles with what its log says once it is ready. */
async function connector(folder, name, settings, processes) {
  const file = join(folder, `${name}.json`)
  writeFileSync(file, JSON.stringify({ ...common, ...settings }))
  const child = spawn(process.execPath, [COMMAND, 'start', '--config', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  processes.push(child)
  let output = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += chunk
    const line = output.split('\n').find(text => text.includes('"msg":"ready"') && text.endsWith('}'))
    if (line === undefined) continue
    child.stdout.resume()
    return JSON.parse(line)
  }
  throw new Error(`${name} has ended: ${output}`)
}

/** A server that answers each request as it comes. */
async function server(answer, closing) {
  const made = createServer(answer).listen(0, '127.0.0.1')
  await once(made, 'listening')
  closing.push(() => made.close())
  return `http://127.0.0.1:${made.address().port}`
}

const FULFILLMENT = Buffer.alloc(32, 7)
const CONDITION = createHash('sha256').update(FULFILLMENT).digest()

/** A next hop over HTTP that fulfills everything after a while. */
const slowPeer = closing =>
  server((request, response) => {
    request.resume()
    const waitMs = 4 + Math.random() * 12 + (Math.random() < 0.08 ? 60 * Math.random() : 0)
    setTimeout(() => {
      response.setHeader('content-type', 'application/octet-stream')
      response.end(Buffer.concat([octets([13]), Buffer.from([33]), FULFILLMENT, octets([0])]))
    }, waitMs)
  }, closing)

const south = {
  ilpAddress: 'test.south',
  secretSeed: '2'.repeat(64),
  accounts: [
    {
      username: 'north',
      relation: 'peer',
      ilpAddress: 'test.north',
      asset: usd,
      minBalance: '-9000000000000',
      btp: { incomingTokens: ['north-at-south'] },
    },
    { username: 'kiosk', relation: 'local', asset: usd },
    { username: 'library', relation: 'child', asset: usd },
  ],
}

/** Transfers that somebody has to see to, as a process before has left them. */
function writeJournal(journalDir) {
  const transfer = (id, minutes, kind, fields) => ({
    id,
    atMs: Date.now() - minutes * 60_000,
    kind,
    ...fields,
  })
  const entries = [
    transfer('1', 42, 'late-fulfill', {
      from: 'wallet',
      incomingAmount: '8400000',
      to: 'harbour',
      amount: '7762',
      destination: 'test.harbour.quay.kiosk-4',
    }),
    transfer('2', 9, 'posted-late', {
      from: 'corner-shop',
      incomingAmount: '3200000',
      to: 'south',
      amount: '3200000',
    }),
  ]
  const lines = entries.map(entry => `\n${JSON.stringify({ entry })}`)
  writeFileSync(join(journalDir, 'reconciliation.jsonl'), lines.join(''))
}

const north = (southUrl, peerUrl, engineUrl, journalDir) => ({
  ilpAddress: 'test.north',
  journalDir,
  secretSeed: '1'.repeat(64),
  exchangeRates: { provider: 'static', rates: { USD: '1', EUR: '1.08' }, spread: '0.002' },
  accounts: [
    {
      username: 'south',
      relation: 'peer',
      ilpAddress: 'test.south',
      asset: usd,
      minBalance: '-2000000000000',
      maxBalance: '2000000000000',
      btp: { outgoing: { url: `${southUrl.replace('http', 'ws')}/btp`, token: 'north-at-south' } },
    },
    {
      username: 'harbour',
      relation: 'peer',
      ilpAddress: 'test.harbour',
      asset: eur,
      minBalance: '-500000000',
      maxBalance: '800000000',
      http: { outgoing: { url: `${peerUrl}/ilp`, token: 'north-at-harbour' } },
      settlement: { engineUrl, settleThreshold: '600000000', settleTo: '0' },
    },
    {
      username: 'summit',
      relation: 'peer',
      ilpAddress: 'test.summit',
      asset: usd,
      minBalance: '-50000000000',
      btp: { outgoing: { url: 'ws://127.0.0.1:9/btp', token: 'north-at-summit' } },
      settlement: { engineUrl: 'http://127.0.0.1:9', settleThreshold: '1000000000', settleTo: '0' },
    },
    {
      username: 'wallet',
      relation: 'child',
      asset: usd,
      minBalance: '-1000000000000',
      maxPacketAmount: '40000000',
      http: { incomingTokens: ['wallet'] },
    },
    {
      username: 'corner-shop',
      relation: 'child',
      asset: usd,
      minBalance: '-20000000000',
      maxBalance: '100000000000',
      rateLimit: { packetsPerMinute: 60 },
      http: { incomingTokens: ['corner-shop'] },
    },
    { username: 'payroll', relation: 'local', asset: usd, maxPacketAmount: '10000000' },
    { username: 'donations', relation: 'local', asset: eur },
  ],
  routes: [{ prefix: 'test.island', account: 'harbour' }],
})

/** Sends a Prepare over HTTP and doesn't care for the answer. */
const send = (url, username, destination, units) =>
  fetch(`${url}/accounts/${username}/ilp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${username}`, 'content-type': 'application/octet-stream' },
    body: prepare({ units, destination, condition: CONDITION }),
  }).then(
    response => response.arrayBuffer(),
    () => undefined,
  )

/** Packets of a customer's, more and fewer, and some that come to nothing. */
function traffic(url) {
  let turn = 0
  const timer = setInterval(() => {
    turn += 1
    const seconds = turn / 20
    const few = 2.2 + 1.5 * Math.sin(seconds / 11) + Math.sin(seconds / 3.1) + Math.random()
    for (let count = 0; count < few; count++) {
      const units = BigInt(1_000_000 + Math.floor(Math.random() * 9_000_000))
      void send(url, 'wallet', 'test.harbour.quay', units)
    }
    if (turn % 31 === 0) void send(url, 'wallet', 'test.nowhere.at-all', 5_000_000n)
    if (turn % 47 === 0) void send(url, 'wallet', 'test.summit.hut', 7_000_000n)
    if (turn % 83 === 0) void send(url, 'wallet', 'test.harbour.quay', 75_000_000n)
    if (turn % 15 === 0) void send(url, 'corner-shop', 'test.harbour.bakery', 4_000_000n)
  }, 50)
  return () => clearInterval(timer)
}

/** Starts all of it. */
export async function startScene() {
  const folder = mkdtempSync(join(tmpdir(), 'ilp-dashboard-'))
  const [processes, closing] = [[], [() => rmSync(folder, { recursive: true })]]
  const stop = async () => {
    for (const close of closing) close()
    await Promise.all(
      processes.map(async child => {
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      }),
    )
  }
  try {
    const engine = await server((request, response) => {
      request.resume()
      response.writeHead(201).end()
    }, closing)
    const southern = await connector(folder, 'south', south, processes)
    const peer = await slowPeer(closing)
    writeJournal(folder)
    const northern = await connector(folder, 'north', north(southern.url, peer, engine, folder), processes)
    const api = (path, method, body, key) =>
      fetch(`${northern.adminUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          'content-type': 'application/json',
          ...(key && { 'idempotency-key': key }),
        },
        body: JSON.stringify(body),
      })
    const post = async (path, body, key) => {
      const answer = await api(path, 'POST', body, key)
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
      return answer
    }
    await api('/rates/GBP', 'PUT', { rate: '1.27' })
    await post('/accounts', {
      username: 'museum',
      relation: 'child',
      asset: eur,
      minBalance: '-250000000',
      btp: { incomingTokens: ['museum-token'] },
    })
    const adjust = (username, amount, reason) =>
      post(`/accounts/${username}/adjustments`, { amount, reason }, `${username}:${amount}`)
    await adjust('south', '612450000000', 'Bank transfer 2041')
    await adjust('harbour', '-212000000', 'Bank transfer 2038')
    await adjust('wallet', '-731000000000', 'Opening balance')
    await adjust('corner-shop', '-17100000000', 'Opening balance')
    await adjust('museum', '128340000', 'Ticket refunds')
    await adjust('museum', '-4150000', 'Correction of March')
    await adjust('payroll', '940000000000', 'Monthly funding')
    await adjust('summit', '2750000000', 'Opening balance')
    return {
      adminUrl: northern.adminUrl,
      token: TOKEN,
      /** Begins a payment to a kiosk at the other node, or to somebody else. */
      pay: (amount, key, pointer = `${southern.url}/accounts/kiosk/spsp`) =>
        post('/accounts/payroll/payments', { pointer, amount: { source: amount } }, key),
      traffic: () => closing.push(traffic(northern.url)),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
