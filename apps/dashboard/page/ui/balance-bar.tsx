import type { Account, Balance } from '../api/types.js'
import { amountText } from '../format/amount.js'
import { standing } from '../format/standing.js'

interface BalanceBarProps {
  readonly account: Pick<Account, 'username' | 'relation' | 'minBalance' | 'maxBalance' | 'asset'>
  readonly books: Balance
}

/** A balance between its limits, from zero outwards; paler, what packets in flight may make of it. */
export function BalanceBar({ account, books }: BalanceBarProps) {
  const at = standing(books, account, account.relation)
  const percent = (value: number) => `${(value * 100).toFixed(2)}%`
  const span = (one: number, other: number) => ({
    left: percent(Math.min(one, other)),
    width: percent(Math.abs(one - other)),
  })
  const used = at.used === undefined ? '' : `, ${Math.floor(at.used * 100)}% of its limit used`
  return (
    <span
      class={`bar ${at.level} ${at.hasMin ? '' : 'no-min'} ${at.hasMax ? '' : 'no-max'}`}
      role="img"
      aria-label={`${amountText(books.balance, account.asset)}${used}`}
    >
      {books.heldOut !== '0' && <span class="held" style={span(at.lowest, at.balance)} />}
      {books.heldIn !== '0' && <span class="held" style={span(at.balance, at.highest)} />}
      {books.balance !== '0' && <span class="fill" style={span(at.zero, at.balance)} />}
      <span class="zero" style={{ left: percent(at.zero) }} />
    </span>
  )
}
