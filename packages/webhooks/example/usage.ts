import { createServer } from 'node:http'
import { silentLogger } from '@ilp/service-core'
import { createWebhooks, verify } from '@ilp/webhooks'

const secret = 'a-secret-of-both-sides'

/** Those who receive: a request counts when its signature fits. Answer soon, and with 2xx, or it comes again. */
export const receiver = (taken: (event: unknown) => void) =>
  createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const signature = String(request.headers['webhook-signature'])
    if (!verify({ body, signature, secret })) return void response.writeHead(401).end()
    taken(JSON.parse(body.toString()))
    response.writeHead(204).end()
  })

/** Those who tell. */
export async function tellOfALink(url: string): Promise<void> {
  const targets = [{ url, secret, events: ['link-down'] }]
  await using webhooks = createWebhooks({ targets, logger: silentLogger })
  webhooks.tell({ type: 'link-down', data: { account: 'bob' } })
  webhooks.tell({ type: 'link-up', data: { account: 'bob' } })
}
