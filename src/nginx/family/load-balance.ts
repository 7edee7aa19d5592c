import type { Annotation } from '../annotation.ts';
import { type Family, refusalOf, valueOrIgnored } from '../family.ts';
import { oneOf } from '../form.ts';

type Algorithm = 'round_robin' | 'ewma';

const algorithms = oneOf<Algorithm>(['round_robin', 'ewma']);
/** What nginx takes by itself for `affinity` and `upstream-hash-by`; written here they mean nothing. */
const ofOtherAnnotations = ['chash', 'chashsubset', 'sticky_balanced', 'sticky_persistent'];

const annotation: Annotation<Algorithm> = {
  name: 'load-balance',
  scope: 'location',
  risk: 'Low',
  verdict: 'near',
  form: { ...algorithms, accepts: (text) => algorithms.accepts(text) || ofOtherAnnotations.includes(text.trim()) },
  doc: '`round_robin`: endpoints in turns. `ewma`, and nothing written: of two endpoints the one with fewer requests under way. Of Ingresses with the same Service and port the oldest decides, for all of them.',
  difference: {
    example: 'GET / on endpoints of which some are slower',
    holdsFor: (text) => text.trim().toLowerCase() === 'ewma',
    nginx: 'With `ewma`, of two endpoints the one that answered faster of late.',
    sluice: 'Of two endpoints the one with fewer requests under way.',
    remedy: 'None is needed: slow endpoints get less either way.',
  },
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-nginx-load-balancing */
export const loadBalance: Family<Algorithm> = {
  name: 'load-balance',
  annotations: { [annotation.name]: annotation },
  read(reader) {
    const refusal = refusalOf(reader, [annotation]);
    if (refusal) return refusal;
    const config = valueOrIgnored(reader, annotation) ?? reader.controller.value('load-balance');
    return config === undefined ? { type: 'nothing' } : { type: 'config', config };
  },
};
