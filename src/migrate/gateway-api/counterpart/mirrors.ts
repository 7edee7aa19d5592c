import { mirror } from '../../../nginx/family/mirror.ts';
import type { ReadIngress } from '../../../translate/ingress/location.ts';
import { type Scene, textOf } from '../../scene.ts';
import { portOf, type Written } from '../host.ts';
import type { Counterpart } from './counterpart.ts';

/** Requests are copied to a Service of the same namespace: a RequestMirror. */
export const mirrors: Counterpart = {
  names: ['mirror-host', 'mirror-request-body', 'mirror-target'],
  obstacle(read, scene) {
    if (textOf(scene, read.ingress, 'mirror-target') === undefined) return undefined;
    return targetOf(read, scene) ? undefined : 'mirror-target, where it is no Service of the same namespace, has no counterpart';
  },
  told(read, scene) {
    if (!targetOf(read, scene)) return [];
    const body = textOf(scene, read.ingress, 'mirror-request-body')?.trim() === 'off' ? [', with the body'] : [];
    return [`copies ask for what the backend is asked for, and have its Host${body.join('')}`];
  },
};

/** The filter of an Ingress, or none. */
export function mirrorFilters(read: ReadIngress, scene: Scene): readonly Written[] {
  const backendRef = targetOf(read, scene);
  return backendRef ? [{ type: 'RequestMirror', requestMirror: { backendRef } }] : [];
}

function targetOf({ ingress, reading }: ReadIngress, scene: Scene): Written | undefined {
  const { scheme, host = '', port: number } = reading.of(mirror) ?? {};
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?\.?$/i.exec(host) ?? [];
  if (scheme !== 'http' || name === undefined || namespace !== ingress.namespace) return undefined;
  const port = portOf(namespace, { service: { name, port: { number } } }, scene);
  return port === undefined ? undefined : { name, port };
}
