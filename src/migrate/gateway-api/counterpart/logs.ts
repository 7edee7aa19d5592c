import { textOf } from '../../scene.ts';
import type { Counterpart } from './counterpart.ts';

/** Logs, which are of a Gateway and not of its routes. */
export const logs: Counterpart = {
  names: ['enable-access-log', 'enable-rewrite-log'],
  told: ({ ingress }, scene) => (textOf(scene, ingress, 'enable-access-log') === 'false' ? ['its requests are in the access log'] : []),
};
