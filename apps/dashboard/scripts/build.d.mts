/** Builds the page into `dist/page`, unless it has been built from the same sources. */
export function buildPage(): Promise<void>
