/**
 * Has the focus stay near when what has it goes, as a row does with its button: at the next button of the table, or the
 * heading of the panel or the page. Otherwise it would be nowhere, and whoever has only a keyboard would begin anew.
 * @returns what ends it
 */
export function keepFocus(main: HTMLElement): () => void {
  const over = new AbortController()
  let focused: Element | undefined
  main.addEventListener('focusin', ({ target }) => (focused = target as Element), over)
  // Whoever leaves by a click beside everything has it nowhere, and wants it so.
  main.addEventListener(
    'focusout',
    ({ relatedTarget }) => {
      if (relatedTarget) focused = undefined
      else setTimeout(() => (focused = isNowhere() && focused?.isConnected ? undefined : focused))
    },
    over,
  )
  // A key that is held down does one thing, and not the same to what comes next.
  main.addEventListener(
    'keydown',
    event => event.repeat && event.key === 'Enter' && event.preventDefault(),
    over,
  )
  const observer = new MutationObserver(changes => {
    const former = focused
    if (!former || former.isConnected || !isNowhere()) return
    focused = undefined
    const change = changes.find(({ removedNodes }) => [...removedNodes].some(node => node.contains(former)))
    const near = (change && nearest(change)) ?? main.querySelector<HTMLElement>('h1')
    near?.focus()
  })
  observer.observe(main, { childList: true, subtree: true })
  return () => {
    observer.disconnect()
    over.abort()
  }
}

const isNowhere = () => document.activeElement === document.body

function nearest({ target, nextSibling }: MutationRecord): HTMLElement | undefined {
  const parent = target as Element
  const rows = parent.closest('tbody')
  const buttons = [...(rows?.querySelectorAll('button') ?? [])]
  const place = nextSibling ?? (parent === rows ? undefined : parent)
  const isNext = (button: Node) =>
    place && place.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING
  return (
    buttons.find(button => isNext(button)) ??
    buttons.at(-1) ??
    parent.closest('.panel')?.querySelector('h2') ??
    undefined
  )
}
