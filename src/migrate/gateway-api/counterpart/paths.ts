import type { Counterpart } from './counterpart.ts';

/** What paths mean, and what backends see in their place: matches and URLRewrite. */
export const paths: Counterpart = { names: ['rewrite-target', 'use-regex'] };
