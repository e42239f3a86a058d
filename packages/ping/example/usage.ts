import { type PingResult, pinger } from '@ilp/ping'
import { type IncomingRequest, type OutgoingRequest, type Service, stack } from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'

const alice = testAccount('alice', { relation: 'local', ilpAddress: 'test.node.alice' })
type A = typeof alice

/** Pings from alice's account, on a node whose chain behind the router ends in `links`. */
export function pingFromAlice(
  router: (outgoing: Service<OutgoingRequest<A>>) => Service<IncomingRequest<A>>,
  links: Service<OutgoingRequest<A>>,
): (destination: string) => Promise<string> {
  const ping = pinger({
    send: prepare => incoming.call({ from: alice, prepare }),
    source: () => alice.ilpAddress,
  })
  const incoming = router(stack<OutgoingRequest<A>>().use(ping.pongs).around(links))
  return async destination => {
    const echo = await ping.echo(destination)
    if (echo.isReached) return said(echo)
    // Is it the way there that is closed, or the way back?
    return `no echo: ${said(echo)}; there: ${said(await ping.probe(destination))}`
  }
}

const said = ({ reject, roundTripMs }: PingResult): string =>
  reject ? `${reject.code} by ${reject.triggeredBy}` : `echoed in ${roundTripMs.toFixed(1)} ms`
