declare module 'ilp-protocol-spsp' {
  export function query(pointer: string): Promise<Record<string, unknown>>
}
