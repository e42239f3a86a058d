import {
  type Configuration,
  configRequest,
  InvalidConfigurationError,
  readConfiguration,
} from '@ilp/ildcp-packet'
import { type Account, isFulfill, type OutgoingRequest, type Service, scheme } from '@ilp/service-core'

/** The parent has not told this node its configuration. */
export class IldcpError extends Error {
  override readonly name = 'IldcpError'
  readonly code = 'ERR_ILDCP'
}

/**
 * Asks `parent` for this node's configuration.
 * @param outgoing the chain behind the router
 * @param self the account that packets of this node's own come from
 * @throws IldcpError when the parent refuses, doesn't answer within `timeoutMs`, or answers with no
 * configuration of RFC 31
 */
export async function fetchConfiguration<A extends Account>(
  outgoing: Pick<Service<OutgoingRequest<A>>, 'call'>,
  { self, parent, timeoutMs }: { readonly self: A; readonly parent: A; readonly timeoutMs: number },
): Promise<Configuration> {
  const prepare = configRequest(new Date(Date.now() + timeoutMs))
  const reply = await outgoing.call({ from: self, to: parent, incomingAmount: 0n, prepare })
  if (!isFulfill(reply)) throw new IldcpError(`the parent answered ${reply.code} ${reply.message}`)
  try {
    const configuration = readConfiguration(reply)
    const name = scheme(configuration.address)
    if (name === 'peer' || name === 'self')
      throw new IldcpError(`${name}. is not where others could reach a node`)
    return configuration
  } catch (error) {
    if (error instanceof InvalidConfigurationError) throw new IldcpError(error.message)
    throw error
  }
}
