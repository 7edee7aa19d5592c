import type { Annotation } from '../annotation.ts';
import { type Family, valueOr } from '../family.ts';
import { bool } from '../form.ts';

const annotation: Annotation<boolean> = {
  name: 'service-upstream',
  scope: 'ingress',
  risk: 'Low',
  verdict: 'exact',
  form: bool,
  doc: 'Requests go to the address of the Service (`clusterIP`) instead of its endpoints. Of Ingresses with the same Service and port the oldest decides, for all of them.',
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#service-upstream */
export const serviceUpstream: Family<true> = {
  name: 'service-upstream',
  annotations: { [annotation.name]: annotation },
  read: (reader) => (valueOr(reader, annotation, reader.controller.value('service-upstream')) ? { type: 'config', config: true } : { type: 'nothing' }),
};
