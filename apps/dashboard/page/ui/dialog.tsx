import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** A dialog over the page; Escape or a `CloseButton` closes it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    // When it goes by itself, too, the focus goes back to where it was.
    return () => shown?.close()
  }, [])
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
