import { anyText } from '../form.ts';
import { setting } from '../setting.ts';

/** Paths that are spared. */
export const locationsSettings = {
  'no-auth-locations': setting('exact', anyText, '/.well-known/acme-challenge', 'Locations exempt: per-route filter disabled.'),
  'no-tls-redirect-locations': setting('exact', anyText, '/.well-known/acme-challenge', 'Locations exempt: per-route filter disabled.'),
} as const;
