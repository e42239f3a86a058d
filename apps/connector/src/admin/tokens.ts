import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { changeableAccount } from './account-of.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { Problem } from './problem.js'
import type { Turns } from './turns.js'

/** An account has 16 incoming tokens for a link at the most. */
const KEPT_MAX = 15
const TOKEN_BYTES = 32

export const tokenEndpoints = ({ store }: Pick<AdminDeps, 'store'>, turns: Turns): readonly Endpoint[] => [
  endpoint({
    method: 'POST',
    path: '/accounts/{username}/tokens',
    summary: 'Gives the account a new incoming token, in place of those that it has',
    body: z.strictObject({
      link: z.enum(['http', 'btp']),
      keep: z.array(z.string().min(1).max(1_024)).max(KEPT_MAX).default([]).meta({
        description: 'incoming tokens of the account for this link that stay good',
      }),
    }),
    answers: {
      201: {
        description: 'the token, which is shown this once',
        schema: z.strictObject({ link: z.enum(['http', 'btp']), token: z.string() }),
      },
    },
    problems: [404, 409],
    handle: ({ params, body: { link, keep } }) =>
      turns(params.username ?? '', async () => {
        const { id } = changeableAccount(store, params)
        const { credentials } = store
        if (keep.some(token => credentials.authenticate(link, token) !== id)) {
          throw new Problem(409, 'a token to keep is none of the account for this link')
        }
        const token = randomBytes(TOKEN_BYTES).toString('base64url')
        await credentials.setIncomingTokens(id, link, [...keep, token])
        return { status: 201, body: { link, token } }
      }),
  }),
]
