import { anyText } from '../form.ts';
import { setting } from '../setting.ts';

/** Paths that are spared. */
export const locationsSettings = {
  'no-auth-locations': setting(
    'exact',
    anyText,
    '/.well-known/acme-challenge',
    'Beginnings of paths, with commas between, that the service of `global-auth-url` is not asked about.',
  ),
  'no-tls-redirect-locations': setting(
    'exact',
    anyText,
    '/.well-known/acme-challenge',
    'Beginnings of paths, with commas between, that are not redirected to HTTPS.',
  ),
} as const;
