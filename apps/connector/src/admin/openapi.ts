import { z } from 'zod'
import { type AnswerKind, type Endpoint, endpoint, KEY_LENGTH_MAX } from './endpoint.js'
import { PROBLEM_TYPE } from './problem.js'

const PROBLEM = { $ref: '#/components/schemas/Problem' }

/** The endpoint that describes all of them, itself included. */
export function openApi(endpoints: readonly Endpoint[], problem: z.ZodType): Endpoint {
  const own: Endpoint = endpoint({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description of the API (OpenAPI 3.1)',
    answers: { 200: { description: 'the description', schema: z.looseObject({ openapi: z.string() }) } },
    handle: () => ({ status: 200, body: document }),
  })
  const document = describe([...endpoints, own], problem)
  return own
}

function describe(endpoints: readonly Endpoint[], problem: z.ZodType): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const one of endpoints) {
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: operation(one) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Admin API of an Interledger connector', version: '1' },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: jsonSchema(problem) },
    },
  }
}

function operation(one: Endpoint): object {
  const { method, path, summary, body, answers, isPublic } = one
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z]+([A-Za-z]?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    ...(isPublic ? { security: [] } : {}),
    parameters: [...pathParameters(path), ...queryParameters(one), ...keyParameter(one)],
    ...(body && { requestBody: { required: true, content: json(jsonSchema(body)) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, kind]) => [status, response(kind)])),
      ...Object.fromEntries(problemsOf(one).map(status => [status, problemResponse])),
    },
  }
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters({ query }: Endpoint): object[] {
  if (!query) return []
  const { properties, required = [] } = jsonSchema(query) as {
    readonly properties: Readonly<Record<string, object>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

function keyParameter({ idempotencyKey }: Endpoint): object[] {
  if (idempotencyKey === undefined) return []
  const schema = { type: 'string', minLength: 1, maxLength: KEY_LENGTH_MAX }
  return [{ name: 'Idempotency-Key', in: 'header', required: idempotencyKey === 'required', schema }]
}

const response = ({ description, schema, contentType }: AnswerKind): object => ({
  description,
  ...(schema && { content: json(jsonSchema(schema)) }),
  ...(contentType && { content: { [contentType]: { schema: { type: 'string' } } } }),
})

const problemResponse = {
  description: 'it was not done, and why',
  content: { [PROBLEM_TYPE]: { schema: PROBLEM } },
}

/** Any endpoint may fail by a bug, or for want of the store; and refuses what is not as it should be. */
function problemsOf({ body, query, idempotencyKey, isPublic, problems = [] }: Endpoint): number[] {
  const all = new Set([500, 503, ...problems])
  if (!isPublic) all.add(401)
  if (body || query || idempotencyKey) all.add(400)
  if (body) for (const status of [413, 415]) all.add(status)
  return [...all].toSorted((one, other) => one - other)
}

const json = (schema: object) => ({ 'application/json': { schema } })

/** As the API takes and gives it: amounts are strings, whatever becomes of them inside. */
function jsonSchema(schema: z.ZodType): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}
