import type { Annotation } from '../annotation.ts';
import { type Family, valueOr } from '../family.ts';
import { bool } from '../form.ts';

const annotation: Annotation<boolean> = {
  name: 'service-upstream',
  scope: 'ingress',
  risk: 'Low',
  verdict: 'exact',
  form: bool,
  doc: 'Requests go to the address of the Service (`clusterIP`) instead of its endpoints.',
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#service-upstream */
export const serviceUpstream: Family<boolean> = {
  name: 'service-upstream',
  annotations: { [annotation.name]: annotation },
  read: (reader) => ({ type: 'config', config: valueOr(reader, annotation, reader.controller.value('service-upstream')) }),
};
