/** What `npm start` runs: the connector with a ready-made configuration, and a page that says how to use it. */
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { accountFromConfig, addressOf } from './account.js'
import { settingVariables } from './cli/node-location.js'
import { loadConfig } from './config/load.js'
import type { Config } from './config/schema.js'
import { type Connector, createConnector } from './connector.js'
import { explain } from './explain.js'
import { runUntilSignal } from './run-until-signal.js'

const FILE = fileURLToPath(new URL('../config/quickstart.yaml', import.meta.url))

try {
  const config = await loadConfig(FILE, settingVariables({ environment: process.env }))
  const logger = pino({ level: config.logLevel }, pino.destination(2))
  const connector = createConnector(config, { logger })
  await runUntilSignal(connector, logger, () => console.log(page(config, connector)))
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}

function page(
  { accounts, adminToken, defaultReceiver, store }: Config,
  { address, url, adminUrl }: Connector,
): string {
  const http = url()
  const btp = http.replace(/^http/, 'ws')
  const lines = accounts.map(entry => {
    const token = entry.http?.incomingTokens[0] ?? entry.btp?.incomingTokens[0] ?? '-'
    const { code, scale } = entry.asset
    const where = addressOf(accountFromConfig(entry), address()) ?? '-'
    return [entry.username, entry.relation, `${code}/${scale}`, where, token]
  })
  return `
The connector is ready: ${address()}   (store ${store})

  ILP over HTTP   POST ${http}/accounts/{username}/ilp
  BTP             ${btp}/accounts/{username}/ilp/btp
  SPSP            ${http}/accounts/${defaultReceiver}/spsp
  dashboard       ${adminUrl()}/   token: ${adminToken}
  admin API       ${adminUrl()}   Authorization: Bearer ${adminToken}

${table([['account', 'relation', 'asset', 'ILP address', 'token'], ...lines])}

Try:
  curl ${http}/.well-known/pay -H 'Accept: application/spsp4+json'
  curl ${adminUrl()}/accounts/alice/balance -H 'Authorization: Bearer ${adminToken}'
  npx ilp-connector status --url ${adminUrl()} --token ${adminToken}
  npm run demo        a payment of 1,000,000 units across two connectors

A configuration of your own: npx ilp-connector start --config connector.yaml (apps/connector/README.md)
What else it can be asked: npx ilp-connector help
Ctrl-C stops it.
`
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  return rows
    .map(
      row =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('   ')
          .trimEnd()}`,
    )
    .join('\n')
}
