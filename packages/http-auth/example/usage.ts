import { bearerTokens, clientCertificates, firstOf, jsonWebTokens } from '@ilp/http-auth'
import { createListener } from '@ilp/listener'
import { accountId, sequence } from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets } from '@ilp/store-traits'

/** Says whose a request with this Authorization is, by what alice and bob may present. */
export async function whoIs(authorization: string): Promise<string> {
  const { accounts, credentials, ...store } = createMemoryStore({
    secrets: createSecrets(new Uint8Array(32)),
  })
  const authentication = firstOf([
    bearerTokens({ credentials }),
    jsonWebTokens([
      {
        account: accountId('bob'),
        subject: 'bob',
        key: { algorithm: 'HS256', secret: 'a secret of 32 octets or more, shared' },
      },
    ]),
    clientCertificates({ accounts }),
  ])
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  const node = sequence([store, authentication, listener])
  await node.start()
  await accounts.put(testAccount('alice'))
  await credentials.setIncomingTokens(accountId('alice'), 'http', ['alices-token'])

  listener.handle('GET', '/', async (request, response) => {
    response.end((await authentication.authenticate(request)) ?? 'nobody')
  })
  const response = await fetch(listener.url(), { headers: { authorization } })
  const who = await response.text()
  await node.stop()
  return who
}
