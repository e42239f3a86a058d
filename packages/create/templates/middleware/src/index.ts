/**
 * Refuses packets below an account's minimum.
 *
 * @module
 */
export {
  MY_LAYER_DEFAULTS,
  type MyLayerAccount,
  type MyLayerDeps,
  type MyLayerOptions,
  myLayer,
} from './my-layer.js'
