import { signal } from '@preact/signals'
import { api } from '../api/client.js'
import { ApiProblem } from '../api/problem.js'
import type { Route } from '../api/types.js'

/** This node's ILP address, once it is known. */
export const address = signal('')
/** Why packets can't be taken; empty when they can. */
export const trouble = signal('')

export async function readNode(signal: AbortSignal): Promise<void> {
  const own = await api<readonly Route[]>('/routes?origin=own&limit=1', { signal })
  address.value = own[0]?.prefix ?? ''
  try {
    await api('/health', { signal })
    trouble.value = ''
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error
    trouble.value = error.message
  }
}
