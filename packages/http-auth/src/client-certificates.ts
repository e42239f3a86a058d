import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { type Account, type AccountId, lifecycle } from '@ilp/service-core'
import type { AccountChange, Watch } from '@ilp/store-traits'
import type { Scheme } from './scheme.js'

/** What a peer's certificate is known by. */
export type ClientCertificate =
  /** SHA-256 of the certificate, in hexadecimal, with or without colons. Good for one that signed itself as well. */
  | { readonly fingerprint: string }
  /**
   * Its subject, such as `O=Bob Inc., CN=bob.example`: attributes in the certificate's order. Only of certificates
   * that an authority of the listener (`tls.clientCertificates.ca`) vouches for.
   */
  | { readonly subject: string }

export interface ClientCertificatesAccount extends Account {
  /** May hold what other services read, and nothing for this one: hence the `object`. */
  readonly http?:
    | (object & { readonly incomingCertificates?: readonly ClientCertificate[] | undefined })
    | undefined
}

export interface ClientCertificatesDeps {
  readonly accounts: {
    readonly all: () => readonly ClientCertificatesAccount[]
    readonly watch: Watch<AccountChange<unknown>>
  }
}

interface Known {
  readonly account: AccountId | undefined
  readonly untilMs: number
}

/** Two accounts have it: it is nobody's. */
const AMBIGUOUS = Symbol('ambiguous')

/**
 * Certificates that clients showed in the TLS handshake, by what accounts have in `http.incomingCertificates`. The
 * listener has to ask for them. Nobody is known before it has started. One that two accounts have is nobody's.
 */
export function clientCertificates({ accounts }: ClientCertificatesDeps): Scheme {
  let known = new WeakMap<object, Known>()
  /** Made of the accounts when it is needed; undefined while they have changed. */
  let owners: ReadonlyMap<string, AccountId | typeof AMBIGUOUS> | undefined
  let unwatch: (() => void) | undefined

  const ownerOf = (name: string): AccountId | undefined => {
    owners ??= namesOf(accounts.all())
    const owner = owners.get(name)
    return owner === AMBIGUOUS ? undefined : owner
  }
  const judge = (connection: Partial<TLSSocket>): Known => {
    const certificate = connection.getPeerX509Certificate?.()
    if (!certificate) return { account: undefined, untilMs: Number.POSITIVE_INFINITY }
    const [fromMs, untilMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
    if (Date.now() < fromMs) return { account: undefined, untilMs: fromMs }
    const account =
      ownerOf(fingerprintName(certificate.fingerprint256)) ??
      (connection.authorized ? ownerOf(subjectName(subjectOf(certificate))) : undefined)
    return { account, untilMs }
  }

  const { start, stop } = lifecycle({
    start: async () => {
      unwatch = accounts.watch(() => {
        owners = undefined
        known = new WeakMap()
      })
    },
    stop: async () => {
      unwatch?.()
      unwatch = undefined
    },
  })
  return {
    authenticate: ({ socket }) => {
      if (!unwatch) return undefined
      let entry = known.get(socket)
      if (!entry || Date.now() >= entry.untilMs) {
        entry = judge(socket)
        known.set(socket, entry)
      }
      return Date.now() < entry.untilMs ? entry.account : undefined
    },
    start,
    stop,
  }
}

const fingerprintName = (fingerprint: string) =>
  `fingerprint ${fingerprint.replaceAll(':', '').toLowerCase()}`
const subjectName = (subject: string) => `subject ${subject}`
const subjectOf = ({ subject }: X509Certificate) => subject.split('\n').join(', ')

function namesOf(accounts: readonly ClientCertificatesAccount[]): Map<string, AccountId | typeof AMBIGUOUS> {
  const owners = new Map<string, AccountId | typeof AMBIGUOUS>()
  for (const { id, http } of accounts) {
    for (const entry of http?.incomingCertificates ?? []) {
      const name = 'subject' in entry ? subjectName(entry.subject) : fingerprintName(entry.fingerprint)
      owners.set(name, owners.has(name) && owners.get(name) !== id ? AMBIGUOUS : id)
    }
  }
  return owners
}
