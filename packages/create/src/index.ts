/**
 * Starts a package of one's own from a template: what `npm create @ilp store my-store` runs.
 *
 * @module
 */
export { main } from './main.js'
export { type ProjectKind, project } from './project.js'
export { KINDS, type Kind, sources } from './sources.js'
