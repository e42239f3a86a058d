/** What the codes of RFC 27 say, in a few words. */
const MEANINGS: Readonly<Record<string, string>> = {
  F00: 'bad request',
  F01: 'invalid packet',
  F02: 'no route',
  F03: 'invalid amount',
  F04: 'receiver got too little',
  F05: 'wrong condition',
  F06: 'receiver did not understand',
  F07: 'receiver can’t take more',
  F08: 'packet too large',
  F99: 'application error',
  T00: 'internal error',
  T01: 'link down',
  T02: 'next hop overloaded',
  T03: 'connector overloaded',
  T04: 'balance or limit reached',
  T05: 'rate limited',
  T99: 'application error, temporary',
  R00: 'timed out',
  R01: 'too little left of the amount',
  R02: 'too little time left',
  R99: 'application error, relative',
}

export const codeMeaning = (code: string): string => MEANINGS[code] ?? 'unknown code'
