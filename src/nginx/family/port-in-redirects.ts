import type { Annotation } from '../annotation.ts';
import { type Family, valueOr } from '../family.ts';
import { bool } from '../form.ts';

const annotation: Annotation<boolean> = {
  name: 'use-port-in-redirects',
  scope: 'location',
  risk: 'Low',
  verdict: 'exact',
  form: bool,
  doc: 'Redirects to HTTPS name the port: `https://shop.example.com:443/`.',
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#use-port-in-redirects */
export const portInRedirects: Family<boolean> = {
  name: 'port-in-redirects',
  annotations: { [annotation.name]: annotation as Annotation },
  read: (reader) => ({ type: 'config', config: valueOr(reader, annotation, reader.controller.value('use-port-in-redirects')) }),
};
