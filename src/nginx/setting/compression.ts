import { anyText, bool, int } from '../form.ts';
import { setting } from '../setting.ts';

/** Compressed answers. */
export const compressionSettings = {
  'brotli-level': setting('exact', int, 4, 'Compressor with brotli library.'),
  'brotli-min-length': setting('exact', int, 20, 'Compressor with brotli library.'),
  'brotli-types': setting(
    'exact',
    anyText,
    'application/xml+rss application/atom+xml application/javascript application/x-javascript application/json application/rss+xml application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component',
    'Compressor with brotli library.',
  ),
  'enable-brotli': setting('exact', bool, false, 'Compressor with brotli library.'),
  'gzip-disable': setting('report', anyText, '', 'User-Agent condition.'),
  'gzip-level': setting('exact', int, 1, 'Compressor filter.'),
  'gzip-min-length': setting('exact', int, 256, 'Compressor filter.'),
  'gzip-types': setting(
    'exact',
    anyText,
    'application/atom+xml application/javascript application/x-javascript application/json application/rss+xml application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component',
    'Compressor filter.',
  ),
  'use-gzip': setting('exact', bool, false, 'Compressor filter.'),
} as const;
