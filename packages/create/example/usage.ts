import { project } from '@ilp/create'

/** The files of a new store, by path. */
export const myStore: Promise<Map<string, string>> = project('store', 'my-store')
