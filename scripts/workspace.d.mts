/** The fields of a package.json that others look at. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export const root: string

/** What npx is told to run the package manager, before the manager's own arguments. */
export const pnpm: readonly string[]

export const workspace: () => { readonly dir: string; readonly manifest: Manifest }[]
