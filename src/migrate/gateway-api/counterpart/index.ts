import { aliases } from './aliases.ts';
import { bodies } from './bodies.ts';
import { canaries } from './canaries.ts';
import type { Counterpart } from './counterpart.ts';
import { headers } from './headers.ts';
import { paths } from './paths.ts';
import { redirects } from './redirects.ts';
import { times } from './times.ts';

/** All that Gateway API and policies of Sluice have words for. */
export const counterparts: readonly Counterpart[] = [redirects, bodies, aliases, paths, times, headers, canaries];
