import { wrongUsage } from './failure.js'
import type { Terminal } from './terminal.js'
import { readSecret } from './texts.js'

/** What a command line says of the node that it is about. */
export interface NodeOptions {
  readonly url?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly config?: string
}

/** Where a node's admin API is, and the token that it asks for. */
export interface NodeLocation {
  readonly url: string
  readonly token: string
}

/** The variable that names the admin API. The others that count here are settings, as `start` reads them. */
export const URL_VARIABLE = 'ILP_ADMIN_URL'

/** The variables that are settings of a node: all that begin like one, but for those that are for this command. */
export function settingVariables({ environment }: Pick<Terminal, 'environment'>): Terminal['environment'] {
  const { [URL_VARIABLE]: _, ...rest } = environment
  return rest
}

const WAYS =
  'Name the node with --url and --token-file, with ILP_ADMIN_URL and ILP_ADMIN_TOKEN, or with its own --config FILE.'

/**
 * The node that a command is about: what the command line says, then the environment, then the configuration file.
 * @throws Failure where that isn't enough
 */
export async function locateNode(options: NodeOptions, terminal: Terminal): Promise<NodeLocation> {
  const { environment } = terminal
  if (options.token !== undefined && options.tokenFile !== undefined) {
    throw wrongUsage('both --token and --token-file are given: expected one of them')
  }
  const ofLine =
    options.tokenFile === undefined ? options.token : await readSecret(options.tokenFile, terminal)
  const given = { url: options.url ?? environment[URL_VARIABLE], token: ofLine }
  const known =
    given.url !== undefined && given.token !== undefined ? {} : await configured(options.config, terminal)
  const [url, token] = [given.url ?? known.url, given.token ?? known.token]
  if (url === undefined) throw wrongUsage('it is not known where the node is', WAYS)
  if (token === undefined) throw wrongUsage("the node's admin token is not known", WAYS)
  if (!/^[!-~]+$/.test(token)) throw wrongUsage('the admin token has characters that no token has')
  return { url: checkedUrl(url), token }
}

interface Configured {
  readonly url?: string | undefined
  readonly token?: string | undefined
}

/** What the node itself is told, by its file or by the environment alone. */
async function configured(file: string | undefined, terminal: Terminal): Promise<Configured> {
  const variables = settingVariables(terminal)
  if (file === undefined) {
    const { ILP_ADMIN_LISTEN: listen, ILP_ADMIN_TOKEN: token } = variables
    if (listen === undefined) return { token }
    const { configSchema } = await import('../config/schema.js')
    const { success, data } = configSchema.shape.adminListen.safeParse(listen)
    if (!success || !data) throw wrongUsage(`ILP_ADMIN_LISTEN is ${listen}: expected HOST:PORT`)
    return { url: urlOf(data), token }
  }
  const { ConfigError, loadConfig } = await import('../config/load.js')
  try {
    const { adminListen, adminToken } = await loadConfig(file, variables)
    if (!adminListen) throw wrongUsage(`${file} has no adminListen: this node has no admin API`)
    return { url: urlOf(adminListen), token: adminToken }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw wrongUsage(`the configuration is refused:\n${error.message}`, `ilp-connector config check ${file}`)
  }
}

/** A node that listens everywhere is reached on this machine. */
function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  if (port === 0) throw wrongUsage('adminListen has port 0: name the one that the node has got with --url')
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${near.includes(':') ? `[${near}]` : near}:${port}`
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (isPlain && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, '')
  throw wrongUsage("the node's URL is not one: expected a URL such as http://127.0.0.1:7772", WAYS)
}
