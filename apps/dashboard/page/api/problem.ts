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

/** What `fetch` throws when nobody answers, or not in time. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
