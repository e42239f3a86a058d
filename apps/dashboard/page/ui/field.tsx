import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface FieldProps {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly error?: string | undefined
}

interface InputProps extends FieldProps {
  readonly value: string
  readonly onValue: (value: string) => void
  readonly type?: 'text' | 'password' | 'search' | 'url'
  readonly inputMode?: 'text' | 'numeric' | 'decimal'
  readonly name?: string
  readonly autocomplete?: 'off'
  readonly autocapitalize?: 'none'
  readonly spellcheck?: boolean
  readonly required?: boolean
  readonly maxLength?: number
  readonly disabled?: boolean
  readonly readOnly?: boolean
  readonly onFocus?: (event: { readonly currentTarget: HTMLInputElement }) => void
}

/** A labelled input; its hint and what is wrong with it are read out with it. */
export function Field({ label, hint, error, value, onValue, type = 'text', ...input }: InputProps) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} error={error}>
      <input
        {...input}
        // Each kind of input has a type of its own.
        type={type as 'text'}
        id={id}
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
        {...described(id, hint, error)}
      />
    </Labelled>
  )
}

interface SelectProps<T extends string> extends FieldProps {
  readonly value: T
  readonly onValue: (value: T) => void
  readonly options: readonly (readonly [value: T, text: string])[]
}

export function Select<T extends string>({ label, hint, error, value, onValue, options }: SelectProps<T>) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} error={error}>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => onValue(currentTarget.value as T)}
        {...described(id, hint, error)}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

const described = (id: string, hint: ComponentChildren, error: string | undefined) => ({
  'aria-describedby': error !== undefined ? `${id}-error` : hint !== undefined ? `${id}-hint` : undefined,
  'aria-invalid': error !== undefined,
})

const Labelled = ({
  id,
  label,
  hint,
  error,
  children,
}: FieldProps & { readonly id: string; readonly children: ComponentChildren }) => (
  <div class="field">
    <label for={id}>{label}</label>
    {children}
    {error !== undefined ? (
      <p class="error" id={`${id}-error`}>
        {error}
      </p>
    ) : (
      hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )
    )}
  </div>
)

/** Puts the focus on the first field that something is wrong with, once the next rendering says so. */
export function focusFault(form: HTMLFormElement): void {
  setTimeout(() => {
    const first = form.querySelector<HTMLElement>('[aria-invalid="true"]:not(:disabled)')
    first?.closest('details')?.setAttribute('open', '')
    first?.focus()
  })
}
