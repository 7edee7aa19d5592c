import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { oneOf } from '../form.ts';

const annotation: Annotation<'round_robin' | 'ewma'> = {
  name: 'load-balance',
  scope: 'location',
  risk: 'Low',
  verdict: 'near',
  form: oneOf(['round_robin', 'ewma'], { ignoresCase: true }),
  doc: '`round_robin`: endpoints in turns. `ewma`, and nothing written: of two endpoints the one with fewer requests under way.',
  difference: {
    example: 'GET / with `load-balance: ewma`',
    nginx: 'Of two endpoints the one that answered faster of late.',
    sluice: 'Of two endpoints the one with fewer requests under way.',
    remedy: 'None is needed: slow endpoints get less either way.',
  },
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-nginx-load-balancing */
export const loadBalance = single('load-balance', annotation);
