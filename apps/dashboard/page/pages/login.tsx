import { useEffect, useRef, useState } from 'preact/hooks'
import { login } from '../api/client.js'
import { ApiProblem } from '../api/problem.js'
import { Mark, ThemeChoice } from '../shell.js'
import { wasRefused } from '../state/session.js'
import { Field } from '../ui/field.js'
import { Failed } from '../ui/states.js'
import { useDoing } from '../ui/use-doing.js'

/** Asks for the operator's token. */
export function Login() {
  const [given, setGiven] = useState('')
  const { isBusy, error, run } = useDoing()
  const form = useRef<HTMLFormElement>(null)
  const isWrong = error instanceof ApiProblem && error.status === 401
  useEffect(() => {
    document.title = 'Log in · Connector'
    form.current?.querySelector('input')?.focus()
  }, [])
  return (
    <main class="login">
      <form
        ref={form}
        onSubmit={event => {
          event.preventDefault()
          if (given !== '') run(() => login(given))
        }}
      >
        <h1>
          <Mark /> Connector
        </h1>
        {wasRefused.value && error === undefined && (
          <p class="note" role="status">
            The connector no longer takes the token of this tab.
          </p>
        )}
        <Field
          label="Admin token"
          type="password"
          name="token"
          autocomplete="off"
          spellcheck={false}
          value={given}
          onValue={setGiven}
          hint="The adminToken of the configuration. It is kept in this tab alone, until it is closed."
          error={isWrong ? 'That is not the admin token.' : undefined}
        />
        {error !== undefined && !isWrong && <Failed error={error} />}
        <button type="submit" class="main" aria-disabled={isBusy}>
          Log in
        </button>
        <span class="unseen" role="status">
          {isWrong ? 'That is not the admin token.' : ''}
        </span>
      </form>
      <ThemeChoice />
    </main>
  )
}
