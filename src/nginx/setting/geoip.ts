import { bool, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Where clients come from. */
export const geoipSettings = {
  'geoip2-autoreload-in-minutes': setting('near', int, 0, 'Geoip filter (MaxMind provider) adds headers only.'),
  'use-geoip': setting('near', bool, false, 'Geoip filter (MaxMind provider) adds headers only.'),
  'use-geoip2': setting('near', bool, false, 'Geoip filter (MaxMind provider) adds headers only.'),
} as const;
