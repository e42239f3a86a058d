/**
 * Subscribes to changes, made by this process or by another one that shares the backend; returns what ends the
 * subscription. A change is announced after it has become visible to the synchronous reads of the same trait. After a
 * lost connection the store reads everything again and announces what differs.
 */
export type Watch<Change> = (listener: (change: Change) => void) => () => void
