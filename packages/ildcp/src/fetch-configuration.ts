import {
  type Configuration,
  configRequest,
  InvalidConfigurationError,
  readConfiguration,
} from '@ilp/ildcp-packet'
import {
  type Account,
  type Asset,
  isFulfill,
  type OutgoingRequest,
  type Service,
  scheme,
} from '@ilp/service-core'

/** The parent has not told this node its configuration. */
export class IldcpError extends Error {
  override readonly name = 'IldcpError'
  readonly code = 'ERR_ILDCP'
}

/**
 * Asks `parent` for this node's configuration.
 * @param outgoing the chain behind the router
 * @param self the account that packets of this node's own come from
 * @throws IldcpError when the parent refuses, doesn't answer within `timeoutMs`, answers with no configuration of
 * RFC 31, or counts in another asset than its account here, so that all amounts would be misread
 */
export async function fetchConfiguration<A extends Account & { readonly asset: Asset }>(
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
    const [told, expected] = [configuration.asset, parent.asset]
    if (told.code !== expected.code || told.scale !== expected.scale) {
      throw new IldcpError(
        `the parent counts in ${told.code}/${told.scale}, not ${expected.code}/${expected.scale}`,
      )
    }
    return configuration
  } catch (error) {
    if (error instanceof InvalidConfigurationError) throw new IldcpError(error.message)
    throw error
  }
}
