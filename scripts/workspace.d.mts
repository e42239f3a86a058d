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

interface Entry {
  /** Relative to the root. */
  readonly dir: string
  readonly manifest: Manifest
}

export const workspace: () => Entry[]

/** What the package manager is told, to pack these packages into a folder. */
export const packing: (packages: readonly Entry[], folder: string) => string[]

/** What it calls the tarball of a package. */
export const tarballName: (manifest: Manifest) => string
