import type { Controller } from '../../nginx/controller.ts';
import type { Location } from './location.ts';

/** Whether the ConfigMap spares a location: by the beginning of its path, not of that of a request. */
export function isSpared({ path }: Location, controller: Controller, key: 'no-auth-locations' | 'no-tls-redirect-locations'): boolean {
  const spared = controller.value(key).split(',');
  return spared.some((prefix) => prefix.trim() !== '' && path.startsWith(prefix.trim()));
}
