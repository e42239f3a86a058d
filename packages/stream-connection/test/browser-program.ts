import {
  type ChainLink,
  type Connection,
  chainLink,
  createConnection,
  createServer,
} from '@ilp/stream-connection'

// Runs in a browser: two applications in one page.

const SECRET = new Uint8Array(32).fill(9)
const ACCOUNT = 'test.page.server.token'

const asset = { code: 'USD', scale: 9 }
const links = new Map<string, ChainLink>()
const NOBODY = { ready: () => Promise.resolve(), call: () => Promise.reject(new Error('nobody is here')) }

/** Passes packets from one link to the other. */
const service = {
  call: (request: Parameters<ReturnType<ChainLink['layer']>['call']>[0]) => {
    const [, , name = ''] = request.prepare.destination.split('.')
    const link = links.get(name)
    return link ? link.layer(NOBODY).call(request) : NOBODY.call()
  },
}

function linkOf(name: string): ChainLink {
  const from = { id: name as never }
  const link = chainLink({ service: () => service, from, address: () => `test.page.${name}`, asset })
  links.set(name, link)
  return link
}

/** What the page says in the end. */
export async function run(): Promise<string> {
  const server = createServer(
    {
      link: linkOf('server'),
      credentials: {
        issue: () => ({ destinationAccount: ACCOUNT, sharedSecret: SECRET }),
        open: (_, destination) =>
          destination === ACCOUNT ? { destinationAccount: ACCOUNT, sharedSecret: SECRET } : undefined,
      },
    },
    { receiveMax: 1_000_000n },
  )
  let theirs: Connection | undefined
  let text = ''
  server.on('connection', connection => {
    theirs = connection
    connection.on('stream', stream => {
      void (async () => {
        const decoder = new TextDecoder()
        for (const reader = stream.readable.getReader(); ; ) {
          const { value, done } = await reader.read()
          if (done) return
          text += decoder.decode(value)
        }
      })()
    })
  })
  const connection = await createConnection({
    link: linkOf('client'),
    destinationAddress: ACCOUNT,
    sharedSecret: SECRET,
  })
  const stream = connection.createStream()
  const writer = stream.writable.getWriter()
  await Promise.all([stream.sendTotal(123_456n), writer.write(new TextEncoder().encode('from a page'))])
  await writer.close()
  await connection.close()
  return `${theirs?.totalReceived} received, ${text}`
}
