import { createListener, problem } from '@ilp/listener'

/** Serves greetings for one request, and returns its answer. */
export async function greet(name: string): Promise<string> {
  await using listener = createListener({ host: '127.0.0.1', port: 0 })
  // What a service does when it starts…
  const withdraw = listener.handle('GET', '/hello/:name', (_request, response, { name }) => {
    if (name === 'nobody') return problem(response, 404, 'nobody is here')
    response.writeHead(200, { 'Content-Type': 'text/plain' })
    response.end(`hello ${name}`)
  })
  await listener.start()
  const response = await fetch(`${listener.url()}/hello/${name}`)
  // …and when it stops.
  withdraw()
  return response.text()
}
