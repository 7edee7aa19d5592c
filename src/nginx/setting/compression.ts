import { anyText, bool, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Compressed answers. */
export const compressionSettings = {
  'brotli-level': setting('exact', int, 4, 'From 0 to 11: smaller, and slower.'),
  'brotli-min-length': setting('exact', int, 20, 'Answers that say to be shorter stay as they are.'),
  'brotli-types': setting(
    'exact',
    anyText,
    'application/xml+rss application/atom+xml application/javascript application/x-javascript application/json application/rss+xml application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component',
    'Content types that are compressed, with blanks between; HTML always is.',
  ),
  'enable-brotli': setting('exact', bool, false, 'Whether clients that understand it get answers compressed by brotli, before gzip.'),
  'gzip-disable': setting('report', anyText, '', 'Not done: Envoy compresses for every client that asks for it, whatever its User-Agent.'),
  'gzip-level': setting('exact', int, 1, 'From 1 to 9: smaller, and slower.'),
  'gzip-min-length': setting('exact', int, 256, 'Answers that say to be shorter stay as they are.'),
  'gzip-types': setting(
    'exact',
    anyText,
    'application/atom+xml application/javascript application/x-javascript application/json application/rss+xml application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component',
    'Content types that are compressed, with blanks between; HTML always is.',
  ),
  'use-gzip': setting('exact', bool, false, 'Whether clients that understand it get answers compressed by gzip.'),
} as const;
