import type { Link } from '@ilp/store-traits'
import type { ConnectorAccount } from '../account.js'
import type { AdminDeps } from './deps.js'
import { conflict, type Problem } from './problem.js'

type Credentials = AdminDeps['store']['credentials']

/** What a request says of a link's tokens; what it doesn't name stays as it is. Null for a link that goes. */
export type LinkTokens = Readonly<
  Partial<
    Record<
      Link,
      | {
          readonly incomingTokens?: readonly string[] | undefined
          readonly outgoing?: { readonly token?: string | undefined } | undefined
        }
      | null
      | undefined
    >
  >
>

const LINKS: readonly Link[] = ['http', 'btp']

/** @throws Problem 409 where another account has one of the incoming tokens */
export function checkTokens(
  account: Pick<ConnectorAccount, 'id'>,
  tokens: LinkTokens,
  credentials: Pick<Credentials, 'authenticate'>,
): void {
  for (const token of LINKS.flatMap(link => tokens[link]?.incomingTokens ?? [])) {
    for (const link of LINKS) {
      const owner = credentials.authenticate(link, token)
      if (owner !== undefined && owner !== account.id) throw taken(link)
    }
  }
}

/** @throws Problem 409 where another account has got one of the incoming tokens meanwhile */
export async function setTokens(
  { id }: Pick<ConnectorAccount, 'id'>,
  tokens: LinkTokens,
  credentials: Pick<Credentials, 'setIncomingTokens' | 'setOutgoingToken'>,
): Promise<void> {
  for (const link of LINKS) {
    const given = tokens[link]
    if (given === undefined) continue
    const incoming = given === null ? [] : given.incomingTokens
    if (incoming && (await credentials.setIncomingTokens(id, link, incoming)) === 'token-taken') {
      throw taken(link)
    }
    const isGone = !given?.outgoing
    if (isGone || given.outgoing.token !== undefined) {
      await credentials.setOutgoingToken(id, link, given?.outgoing?.token)
    }
  }
}

const taken = (link: Link): Problem =>
  conflict(`${link}.incomingTokens`, `another account has one of the ${link} tokens`)
