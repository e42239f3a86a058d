/** What the API answers when it has not done what it was asked for (RFC 9457). */
export interface ProblemDocument {
  readonly title?: string
  readonly status?: number
  readonly detail?: string
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
}

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'

  constructor(
    readonly status: number,
    readonly document: ProblemDocument = {},
  ) {
    super(document.detail ?? document.title ?? `The connector answered with status ${status}`)
  }
}

/** What to tell somebody of an error: in its first line what it is, below what is wrong with which field. */
export function explain(error: unknown): readonly string[] {
  if (isUnreachable(error)) return ['The connector can’t be reached.']
  if (!(error instanceof ApiProblem))
    return [sentence(error instanceof Error ? error.message : String(error))]
  const faults = error.document.errors ?? []
  return [sentence(error.message), ...faults.map(({ path, message }) => `${path}: ${message}`)]
}

/** What is wrong with which field. */
export type Faults<Name extends string> = Readonly<Partial<Record<Name, string>>>

/** The fields of a form, by the paths of what they write: `asset.scale`. */
export type FieldPaths<Name extends string> = Readonly<Record<string, Name>>

/** What an error says of the form's fields, and what is left of it that is of none; undefined where that is nothing. */
export function sortFaults<Name extends string>(
  error: unknown,
  fields: FieldPaths<Name>,
): { readonly faults: Faults<Name>; readonly rest: unknown } {
  const all = error instanceof ApiProblem ? (error.document.errors ?? []) : []
  const faults = {} as Partial<Record<Name, string>>
  const others = all.filter(({ path, message }) => {
    const name = fieldAt(path, fields)
    if (name !== undefined) faults[name] ??= sentence(message)
    return name === undefined
  })
  if (others.length === all.length || !(error instanceof ApiProblem)) return { faults, rest: error }
  const rest =
    others.length === 0 ? undefined : new ApiProblem(error.status, { ...error.document, errors: others })
  return { faults, rest }
}

/** The field of this path, or of the next one above it: `btp.incomingTokens.0` is of `btp.incomingTokens`. */
function fieldAt<Name extends string>(path: string, fields: FieldPaths<Name>): Name | undefined {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    if (Object.hasOwn(fields, at)) return fields[at]
  }
  return undefined
}

/** What `fetch` throws when nobody answers, or not in time. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
