import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { oneOf } from '../form.ts';

const annotation: Annotation<'sticky' | 'legacy'> = {
  name: 'affinity-canary-behavior',
  scope: 'ingress',
  risk: 'Low',
  verdict: 'adapt',
  form: oneOf(['sticky', 'legacy']),
  doc: 'Of the canary. `sticky`, which is so unless written: a client stays on its side of a canary by weight, by a second cookie, `NAME-side`. `legacy`: each request is drawn by itself.',
  difference: {
    example: 'GET / with the cookie of a session on the main Service, after `canary-weight` was raised from 10 to 50',
    holdsFor: (text) => text.trim() !== 'legacy',
    nginx: 'The session stays on the main Service, whatever the weight is, until the cookie ends.',
    sluice:
      'Of the sessions on the main Service as many move as the weight asks for, each once; lowered again they come back. A header or a cookie of the canary goes before the session, which ingress-nginx keeps.',
    remedy: 'None is needed.',
  },
};

/** Read from the Ingress of the canary, as ingress-nginx does. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#session-affinity */
export const canaryBehavior = single('canary-behavior', annotation);
