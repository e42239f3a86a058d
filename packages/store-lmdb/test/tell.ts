/** Tells the parent. Resolves when that is in the channel, where the parent finds it even if this process is killed next. */
export const tell = (message: unknown): Promise<void> =>
  new Promise(resolve => process.send?.(message, undefined, undefined, () => resolve()))
