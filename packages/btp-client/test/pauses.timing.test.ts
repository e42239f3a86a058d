import { expect, test } from 'vitest'
import { accepting, createNode, dialled, sessions, startServer } from './harness.js'

test('pauses double up to backoffMaxMs, and start over only after a link was up for healthyAfterMs', async () => {
  const attemptsAt: number[] = []
  let isAccepting = false
  await using server = await startServer(socket => {
    attemptsAt.push(performance.now())
    if (isAccepting) accepting()(socket)
    else socket.close()
  })
  const bob = dialled(server.url)
  await using node = createNode([bob], {
    backoffMinMs: 10,
    backoffMaxMs: 320,
    healthyAfterMs: 250,
    random: 1,
  })
  await node.chain.start()
  await expect.poll(() => attemptsAt.length).toBeGreaterThanOrEqual(6)
  const pauses = attemptsAt.slice(1).map((at, i) => at - (attemptsAt[i] as number))
  for (const [i, atLeast] of [10, 20, 40, 80, 160].entries())
    expect(pauses[i]).toBeGreaterThanOrEqual(atLeast - 2)

  isAccepting = true
  await sessions(node.pool, bob, 1)
  // Up too short a time: the next pause is as long as before.
  let lostAt = performance.now()
  node.pool.closeAccount(bob.id)
  await sessions(node.pool, bob, 1)
  expect(performance.now() - lostAt).toBeGreaterThanOrEqual(318)
  await new Promise(resolve => setTimeout(resolve, 260))
  lostAt = performance.now()
  node.pool.closeAccount(bob.id)
  await sessions(node.pool, bob, 1)
  expect(performance.now() - lostAt).toBeLessThan(300)
})
