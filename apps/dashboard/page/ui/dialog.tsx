import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** A dialog over the page; Escape or a `CloseButton` closes it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}

/** Closes the dialog that it is in, and the focus goes back to where it was. */
export const CloseButton = ({ children }: { readonly children: ComponentChildren }) => (
  <button type="button" onClick={({ currentTarget }) => currentTarget.closest('dialog')?.close()}>
    {children}
  </button>
)
