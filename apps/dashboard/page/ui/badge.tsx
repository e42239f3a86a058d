import type { ComponentChildren } from 'preact'

export type Level = 'ok' | 'warn' | 'bad' | 'quiet'

/** A state, in a word and a colour. */
export const Badge = ({
  level,
  children,
}: {
  readonly level: Level
  readonly children: ComponentChildren
}) => <span class={`badge ${level}`}>{children}</span>
