import { useState } from 'preact/hooks'
import { api } from '../api/client.js'
import type { Pong } from '../api/types.js'
import { codeMeaning } from '../format/reject-codes.js'
import { Address } from '../ui/address.js'
import { Badge } from '../ui/badge.js'
import { Field } from '../ui/field.js'
import { Failed } from '../ui/states.js'
import { useForm } from '../ui/use-form.js'

/** Sends a packet that moves no money to an address, and tells what has come of it. */
export function Ping() {
  const [destination, setDestination] = useState('')
  const [pong, setPong] = useState<Pong>()
  const { isBusy, error, faults, send } = useForm({ destination: 'destination' })
  const ping = async () => {
    setPong(undefined)
    const ask = (method: Pong['method']) =>
      api<Pong>('/ping', { method: 'POST', body: { destination: destination.trim(), method } })
    const echo = await ask('echo')
    // Where nothing comes back, a probe tells how far the way there goes.
    setPong(echo.method === 'echo' && echo.reject ? await ask('probe') : echo)
  }
  return (
    <>
      <form class="in-line" noValidate onSubmit={event => send(event, ping)}>
        <Field
          label="ILP address"
          hint="Such as test.bob. No money moves"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={destination}
          onValue={setDestination}
          error={faults.destination}
        />
        <button type="submit" aria-disabled={isBusy}>
          {isBusy ? 'Waiting for an answer…' : 'Ping'}
        </button>
        {error !== undefined && <Failed error={error} />}
      </form>
      <div role="status">{pong && <Told pong={pong} />}</div>
    </>
  )
}

const Told = ({ pong: { destination, isReached, roundTripMs, reject } }: { readonly pong: Pong }) => (
  <p class="pong">
    <Badge level={isReached ? 'ok' : 'bad'}>{isReached ? 'reached' : 'not reached'}</Badge>{' '}
    <Address of={destination} /> in {roundTripMs.toFixed(1)} ms
    {reject && (
      <span class="muted">
        {isReached ? ', but it sends nothing back: ' : ': '}
        {reject.code} {codeMeaning(reject.code)}, by{' '}
        {reject.triggeredBy === '' ? 'nobody' : <Address of={reject.triggeredBy} />}
        {reject.message !== '' && `: ${reject.message}`}
      </span>
    )}
  </p>
)
