import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { ADMIN_TOKEN, type Face } from './face.js'

interface Operation {
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: object }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}
type Content = Readonly<Record<string, { readonly schema: object }>>

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

export interface ApiRequest {
  readonly body?: unknown
  readonly key?: string
  readonly token?: string | undefined
}

export interface ApiAnswer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the description has said what it is, and it is like that
  readonly body: any
  readonly headers: Headers
}

/** The admin API of a connector. All that goes there and comes back has to be as `/openapi.json` says. */
export class AdminApi {
  readonly #ajv = new Ajv2020({ strict: false, coerceTypes: false })
  /** Queries are text. */
  readonly #queryAjv = new Ajv2020({ strict: false, coerceTypes: true })
  readonly #validators = new Map<object, ValidateFunction>()

  private constructor(
    readonly url: string,
    readonly description: OpenApi,
  ) {
    this.#ajv.addSchema(description, 'openapi')
  }

  static async of(face: Pick<Face, 'adminUrl'>): Promise<AdminApi> {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
    const response = await fetch(`${face.adminUrl}/openapi.json`, { headers })
    return new AdminApi(face.adminUrl, (await response.json()) as OpenApi)
  }

  get = (path: string) => this.call('GET', path)
  post = (path: string, body?: unknown, key?: string) =>
    this.call('POST', path, { body, ...(key === undefined ? {} : { key }) })
  patch = (path: string, body: unknown) => this.call('PATCH', path, { body })
  put = (path: string, body: unknown) => this.call('PUT', path, { body })
  delete = (path: string) => this.call('DELETE', path)

  async call(method: string, path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    const { body, key, token = ADMIN_TOKEN } = request
    const headers = new Headers()
    if (token !== '') headers.set('authorization', `Bearer ${token}`)
    if (key !== undefined) headers.set('idempotency-key', key)
    if (body !== undefined) headers.set('content-type', 'application/json')
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const answer = {
      status: response.status,
      body: text === '' ? undefined : JSON.parse(text),
      headers: response.headers,
    }
    this.#check(this.#operation(method, path), path, request, answer)
    return answer
  }

  #operation(method: string, path: string): Operation {
    const segments = (path.split('?')[0] ?? '').split('/')
    const fits = (pattern: string) => {
      const own = pattern.split('/')
      return (
        own.length === segments.length && own.every((one, at) => one.startsWith('{') || one === segments[at])
      )
    }
    const candidates = Object.keys(this.description.paths).filter(fits)
    const operation = candidates.map(pattern => this.description.paths[pattern]?.[method.toLowerCase()])[0]
    if (!operation) throw new Error(`${method} ${path} is not described`)
    return operation
  }

  #check(operation: Operation, path: string, { body, key }: ApiRequest, answer: ApiAnswer): void {
    const { parameters, requestBody, responses } = operation
    const query = Object.fromEntries(new URLSearchParams(path.split('?')[1]))
    const inQuery = parameters.filter(parameter => parameter.in === 'query')
    const queryFits = this.#queryAjv.validate(
      {
        type: 'object',
        properties: Object.fromEntries(inQuery.map(({ name, schema }) => [name, schema])),
        required: inQuery.filter(({ required }) => required).map(({ name }) => name),
        additionalProperties: false,
      },
      query,
    )
    const needsKey = parameters.some(({ name, required }) => name === 'Idempotency-Key' && required)
    const bodyFits = requestBody === undefined || this.#fits(requestBody.content['application/json'], body)
    // What is not as described is refused; what is refused may be wrong in ways that no schema tells.
    if (!(queryFits && bodyFits && (key !== undefined || !needsKey))) {
      expect([400, 401], `${path}: not as described, and taken`).toContain(answer.status)
    }
    const described = responses[answer.status]
    expect(described, `${path}: status ${answer.status} is not described`).toBeDefined()
    if (answer.body === undefined) expect(described?.content, path).toBeUndefined()
    else {
      const type = answer.headers.get('content-type')?.split(';')[0] ?? ''
      const content = described?.content?.[type]
      expect(content, `${path}: ${type} is not described`).toBeDefined()
      expect(this.#fits(content, answer.body), `${path}: ${JSON.stringify(answer.body)}`).toBe(true)
    }
  }

  #fits(content: { readonly schema: object } | undefined, value: unknown): boolean {
    if (!content) return false
    const { schema } = content
    const ref = (schema as { $ref?: string }).$ref
    const known = this.#validators.get(schema)
    const validate = known ?? this.#ajv.compile(ref === undefined ? schema : { $ref: `openapi${ref}` })
    this.#validators.set(schema, validate)
    return validate(value)
  }
}
