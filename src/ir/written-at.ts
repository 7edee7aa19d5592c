import type { Origin } from '../diagnostic.ts';

/**
 * Where a value is written, by the path of its field below `spec` of a TrafficPolicy or a BackendPolicy: `retries.count`.
 * Undefined: nowhere, it is a default. Only for people who ask: the text of the object is read again for each answer.
 */
export type WrittenAt = (field: string) => Origin | undefined;
