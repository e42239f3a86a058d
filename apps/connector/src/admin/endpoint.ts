import type { ServerResponse } from 'node:http'
import type { z } from 'zod'

/** The named segments of a path. */
export type Params = Readonly<Record<string, string>> & { readonly username?: string }

/** A request that has been found to be as the endpoint wants it. */
export interface Call<Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** The body as it was sent, before the schema changed anything. */
  readonly raw: unknown
  /** The `Idempotency-Key` header; there for certain where the endpoint requires one. */
  readonly key: string | undefined
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Takes the response over, instead of a body. */
  readonly stream?: (response: ServerResponse) => void
}

export interface AnswerKind {
  readonly description: string
  /** Of the body, which is JSON; without it there is none, or one of `contentType`. */
  readonly schema?: z.ZodType
  readonly contentType?: string
}

/** One thing that the API can be asked for: what `/openapi.json` says of it, and how it is done. */
export interface Endpoint<Query = unknown, Body = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With named segments in braces: `/accounts/{username}`. */
  readonly path: string
  readonly summary: string
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  /** Whether an `Idempotency-Key` header is read. */
  readonly idempotencyKey?: 'optional' | 'required'
  /** By status, what it answers when all is well. */
  readonly answers: Readonly<Record<number, AnswerKind>>
  /** The statuses of problems that are its own; those that any endpoint may have needn't be named. */
  readonly problems?: readonly number[]
  /** Asks for no token. */
  readonly isPublic?: boolean
  /** @throws Problem */
  readonly handle: (call: Call<Query, Body>) => Answer | Promise<Answer>
}

/** Has the types of query and body follow from their schemas. */
export const endpoint = <Query = undefined, Body = undefined>(definition: Endpoint<Query, Body>): Endpoint =>
  definition as Endpoint

/** The longest idempotency key, in characters, all of them visible ASCII. */
export const KEY_LENGTH_MAX = 255
