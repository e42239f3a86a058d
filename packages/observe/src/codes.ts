/** The codes of RFC 27. */
const KNOWN = [
  ...['F00', 'F01', 'F02', 'F03', 'F04', 'F05', 'F06', 'F07', 'F08', 'F99'],
  ...['T00', 'T01', 'T02', 'T03', 'T04', 'T05', 'T99'],
  ...['R00', 'R01', 'R02', 'R99'],
]

/** Whatever code a peer makes up, it is counted as one of these: a code of RFC 27, its class, or none of them. */
export const CODE_LABELS: readonly string[] = [...KNOWN, 'Fxx', 'Txx', 'Rxx', 'other']

const INDEX = new Map(CODE_LABELS.map((label, index) => [label, index]))
const OTHER = CODE_LABELS.length - 1

/** Where in `CODE_LABELS` a code is counted. */
export const codeIndex = (code: string): number => INDEX.get(code) ?? INDEX.get(`${code[0]}xx`) ?? OTHER

/** The code as it is counted. */
export const codeLabel = (code: string): string => CODE_LABELS[codeIndex(code)] as string
