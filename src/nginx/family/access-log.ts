import { type Family, valueOr } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  enableAccessLog: {
    name: 'enable-access-log',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Whether requests are written to the access log; redirects of a whole host name are in any case.',
    difference: {
      example: 'GET /',
      holdsFor: (text) => text !== 'false',
      nginx: 'Writes a line of its own form for each request, unless it is off.',
      sluice: 'Writes nothing where it is off, else what the settings of the access log say: without any a sample as JSON.',
      remedy: 'Write `log-format-upstream` into the ConfigMap, or `accessLog` into a GatewayConfig.',
    },
  },
  enableRewriteLog: {
    name: 'enable-rewrite-log',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: bool,
    doc: 'Not done: `sluice explain` says what becomes of a path.',
    difference: {
      example: 'GET /',
      nginx: 'Writes what its rewrites do into the error log.',
      sluice: 'Writes nothing.',
      remedy: 'Ask `sluice explain` what becomes of a path.',
    },
  },
} as const satisfies Family['annotations'];

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-access-log */
export const accessLog: Family<{ readonly isOff: true }> = {
  name: 'access-log',
  annotations,
  read: (reader) => (valueOr(reader, annotations.enableAccessLog, true) ? { type: 'nothing' } : { type: 'config', config: { isOff: true } }),
};
