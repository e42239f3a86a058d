import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { address } from '../state/node.js'

interface PageProps {
  readonly title: string
  /** Shown above the title: where the page belongs. */
  readonly above?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}

let isFirst = true

/** A page. Whoever comes to it from another one, by keyboard or with a screen reader, is at its title. */
export function Page({ title, above, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const node = address.value
  useEffect(() => {
    document.title = node === '' ? title : `${title} · ${node}`
  }, [title, node])
  useEffect(() => {
    if (!isFirst) heading.current?.focus()
    isFirst = false
    scrollTo(0, 0)
  }, [])
  return (
    <>
      <div class="page-head">
        <div>
          {above && <p class="above">{above}</p>}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
        </div>
        {actions && <div class="actions">{actions}</div>}
      </div>
      {children}
    </>
  )
}

interface PanelProps {
  readonly title: string
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
  readonly kind?: string
}

export const Panel = ({ title, aside, children, kind = '' }: PanelProps) => (
  <section class={`panel ${kind}`} aria-label={title}>
    <div class="panel-head">
      <h2 tabIndex={-1}>{title}</h2>
      {aside}
    </div>
    {children}
  </section>
)
