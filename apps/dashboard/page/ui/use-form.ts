import type { TargetedSubmitEvent } from 'preact'
import { useState } from 'preact/hooks'
import { type Faults, type FieldPaths, sortFaults } from '../api/problem.js'
import { focusFault } from './field.js'
import { useDoing } from './use-doing.js'

export interface Form<Name extends string> {
  readonly isBusy: boolean
  /** What is wrong, and not with one of its fields. */
  readonly error: unknown
  readonly faults: Faults<Name>
  /** Takes them from their fields, which are being written anew. */
  readonly forget: () => void
  /** Sends what was written, unless something is wrong with it already. */
  readonly send: (
    event: TargetedSubmitEvent<HTMLFormElement>,
    work: () => Promise<void>,
    wrong?: Faults<Name>,
  ) => void
}

/** A form whose faults, its own and those that the API finds, stand at the fields that they are of. */
export function useForm<Name extends string>(fields: FieldPaths<Name>): Form<Name> {
  const none = {} as Faults<Name>
  const { isBusy, error, run } = useDoing()
  const [faults, setFaults] = useState(none)
  const show = (form: HTMLFormElement, found: Faults<Name>) => {
    setFaults(found)
    if (Object.keys(found).length > 0) focusFault(form)
  }
  const send: Form<Name>['send'] = (event, work, wrong = none) => {
    event.preventDefault()
    const form = event.currentTarget
    run(async () => {
      show(form, wrong)
      if (Object.keys(wrong).length > 0) return
      try {
        await work()
      } catch (failure) {
        const { faults, rest } = sortFaults(failure, fields)
        show(form, faults)
        if (rest !== undefined) throw rest
      }
    })
  }
  return { isBusy, error, faults, forget: () => setFaults(none), send }
}
