import { anyText } from '../form.ts';
import { setting } from '../setting.ts';

/** Paths that are spared. */
export const locationsSettings = {
  'no-auth-locations': setting(
    'exact',
    anyText,
    '/.well-known/acme-challenge',
    'Beginnings of paths, with commas between, that need no password of `auth-secret`, and about which no service of `auth-url` or `global-auth-url` is asked.',
  ),
  'no-tls-redirect-locations': setting(
    'exact',
    anyText,
    '/.well-known/acme-challenge',
    'Beginnings of paths, with commas between, that are not redirected to HTTPS.',
  ),
} as const;
