import { STATUS_CODES } from 'node:http'
import { z } from 'zod'

export const PROBLEM_TYPE = 'application/problem+json'

/** Something of a request that is wrong: where it is, and what was expected. */
interface Fault {
  readonly path: string
  readonly message: string
}

/** What the API answers when it doesn't do what it was asked for (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem'

  constructor(
    readonly status: number,
    readonly detail?: string,
    readonly faults?: readonly Fault[],
  ) {
    super(detail ?? STATUS_CODES[status])
  }

  document() {
    return {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
      errors: this.faults,
    }
  }
}

export const problemSchema = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().optional(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ description: 'Why a request was not done (RFC 9457)' })

/** The problem of one setting that does not go with what is there. */
export const conflict = (path: string, message: string): Problem =>
  new Problem(409, message, [{ path, message }])

/** The problem of a request that is not as it should be. */
export const malformed = (part: string, { issues }: z.ZodError): Problem =>
  new Problem(
    400,
    `the ${part} is not as it should be`,
    issues.flatMap(issue =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map(key => ({ path: [...issue.path, key].join('.'), message: 'unknown' }))
        : [{ path: issue.path.join('.'), message: issue.message }],
    ),
  )
