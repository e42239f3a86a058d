import { hasPrefix, type IncomingRequest, type Prepare, type Reply, unreachable } from '@ilp/service-core'
import { type TestPath, type TestPathOptions, testAccount, testPath } from '@ilp/service-testing'
import { type ChainLink, chainLink } from '../src/index.js'

/** Two applications and what is between them. */
export interface Net {
  readonly client: ChainLink
  readonly server: ChainLink
  /** What the client sends, and what the server sends. */
  readonly up: TestPath
  readonly down: TestPath
}

export const CLIENT_ASSET = { code: 'USD', scale: 9 }
export const SERVER_ASSET = { code: 'EUR', scale: 6 }

export interface NetSettings {
  /** Whether the client has an address. */
  readonly canReceive?: boolean
  /** Something else than our link at one end: gets what comes there. */
  readonly other?: {
    readonly end: 'client' | 'server'
    readonly receive: (prepare: Prepare) => Promise<Reply>
  }
}

/** The applications are `test.net.client` and `test.net.server`. */
export function net(up: TestPathOptions = {}, down: TestPathOptions = {}, settings: NetSettings = {}): Net {
  const { canReceive = true, other } = settings
  const nobody = {
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable('test.net', 'nobody is here')),
  }
  const deliver = (request: IncomingRequest): Promise<Reply> => {
    const { prepare } = request
    const end = hasPrefix(prepare.destination, 'test.net.client') ? 'client' : 'server'
    return other?.end === end ? other.receive(prepare) : ends[end].call(request)
  }
  const paths = { client: testPath({ call: deliver }, up), server: testPath({ call: deliver }, down) }
  const link = (name: 'client' | 'server', asset: typeof CLIENT_ASSET, receives: boolean): ChainLink => {
    const address = receives ? { address: () => `test.net.${name}` } : {}
    return chainLink({ service: () => paths[name], from: testAccount(name), asset, ...address })
  }
  const links = {
    client: link('client', CLIENT_ASSET, canReceive),
    server: link('server', SERVER_ASSET, true),
  }
  const ends = { client: links.client.layer(nobody), server: links.server.layer(nobody) }
  return { ...links, up: paths.client, down: paths.server }
}
