/** An ILP address, which may break behind its segments; one that is long is shortened, and whole in its title. */
export function Address({ of: text, max = 60 }: { readonly of: string; readonly max?: number }) {
  const shown = text.length > max ? `${text.slice(0, max - 10)}…${text.slice(-8)}` : text
  const segments = shown.split(/(?<=\.)/)
  return (
    <span class="address" title={shown === text ? undefined : text}>
      {segments.map((segment, index) => [index > 0 && <wbr key={segment} />, segment])}
    </span>
  )
}
