import type { Family } from '../family.ts';
import { refusalOf, valueOrIgnored } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  sslPassthrough: {
    name: 'ssl-passthrough',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'With the flag `--enable-ssl-passthrough`: connections for the host name go as raw TLS to the Service of its path `/`, which shows its own certificate; all other annotations and paths hold on port 80 alone.',
    difference: {
      example: 'A connection for the host name',
      nginx: 'It goes to the address of the Service, and no other is tried where it cannot be made.',
      sluice: 'It goes to an endpoint that is ready. Where none can be made, endpoints are drawn up to three times. One that is silent for an hour is ended.',
      remedy: 'None is needed.',
    },
  },
} as const satisfies Family['annotations'];

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#ssl-passthrough */
export const sslPassthrough: Family<true> = {
  name: 'ssl-passthrough',
  annotations,
  read(reader) {
    const annotation = annotations.sslPassthrough;
    const refusal = refusalOf(reader, [annotation]);
    if (refusal) return refusal;
    if (!valueOrIgnored(reader, annotation)) return { type: 'nothing' };
    if (reader.controller.flags.passesTlsThrough) return { type: 'config', config: true };
    return { type: 'nothing', mistake: { annotation: annotation.name, message: 'the controller does not have `--enable-ssl-passthrough`' } };
  },
};
