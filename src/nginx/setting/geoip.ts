import { bool, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Where clients come from. */
export const geoipSettings = {
  'geoip2-autoreload-in-minutes': setting('report', int, 0, 'Not read: Sluice does not look up where clients come from.'),
  'use-geoip': setting('report', bool, false, 'Not read: Sluice does not look up where clients come from.'),
  'use-geoip2': setting('report', bool, false, 'Not read: Sluice does not look up where clients come from.'),
} as const;
