/**
 * The connector's dashboard, built: a page and its assets, to be served as they are.
 *
 * @module
 */
import { fileURLToPath } from 'node:url'

/** The folder of the page: `index.html`, and beside it `assets/` with files whose names change with their content. */
export const DASHBOARD_DIR = fileURLToPath(new URL('../dist/page/', import.meta.url))
