import type { z } from 'zod';
import type { KindDefinition } from './kind.ts';

/** Every kind that Sluice reads. A new kind is one file and one line here; a test fails where a file of the folder is missing. */
export const kinds = {} as const satisfies Record<string, KindDefinition>;

/** Name of a kind that Sluice reads. */
export type Kind = keyof typeof kinds;

/** The TypeScript type of a kind's objects. */
export type ObjectOf<K extends Kind> = z.infer<(typeof kinds)[K]['schema']>;
