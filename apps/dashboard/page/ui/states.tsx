import type { ComponentChildren } from 'preact'
import { explain } from '../api/problem.js'
import type { Loaded } from './use-load.js'

export const Loading = () => (
  <p class="state" role="status">
    Loading…
  </p>
)

export const Empty = ({ children }: { readonly children: ComponentChildren }) => (
  <p class="state">{children}</p>
)

/** What went wrong, and what to do about it. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const [what, ...details] = explain(error)
  return (
    <div class="failed" role="alert">
      <div>
        <p>{what}</p>
        {details.length > 0 && (
          <ul>
            {details.map(detail => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        )}
      </div>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

interface ViewProps<T> {
  readonly of: Loaded<T>
  readonly children: (data: T) => ComponentChildren
}

/** What was read; that it is being read; or why it can't be. What is there stays while it is read again. */
export const View = <T,>({ of: { data, error, reload }, children }: ViewProps<T>) => (
  <>
    {error !== undefined && <Failed error={error} retry={reload} />}
    {data !== undefined ? children(data) : error === undefined && <Loading />}
  </>
)
