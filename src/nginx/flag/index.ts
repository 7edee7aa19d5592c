import type { Flag } from '../flag.ts';
import { ingressFlags } from './ingresses.ts';
import { logFlags } from './log.ts';
import { metricFlags } from './metrics.ts';
import { objectFlags } from './objects.ts';
import { processFlags } from './process.ts';

/**
 * Every flag of the controller, by its name, but for `--http-port` and `--https-port`, which are Sluice's own and mean the same.
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/cli-arguments/
 */
export const flags: Readonly<Record<string, Flag>> = { ...ingressFlags, ...metricFlags, ...objectFlags, ...processFlags, ...logFlags };
