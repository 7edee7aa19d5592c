import { anyText, bool, int, list } from '../form.ts';
import { setting } from '../setting.ts';

/** The access log. */
export const accessLogSettings = {
  'access-log-params': setting('report', anyText, '', 'Syslog has no Envoy sink.'),
  'access-log-path': setting('near', anyText, '/var/log/nginx/access.log', 'Access log format translation (variable by variable; unknown ones reported).'),
  'disable-access-log': setting('near', bool, false, 'Access log format translation (variable by variable; unknown ones reported).'),
  'disable-http-access-log': setting('near', bool, false, 'Access log format translation (variable by variable; unknown ones reported).'),
  'disable-stream-access-log': setting('near', bool, false, 'Access log format translation (variable by variable; unknown ones reported).'),
  'enable-access-log-for-default-backend': setting('near', bool, false, 'Access log format translation (variable by variable; unknown ones reported).'),
  'enable-auth-access-log': setting('near', bool, false, 'Access log format translation (variable by variable; unknown ones reported).'),
  'enable-syslog': setting('report', bool, false, 'Syslog has no Envoy sink.'),
  'http-access-log-path': setting('near', anyText, '', 'Access log format translation (variable by variable; unknown ones reported).'),
  'log-format-escape-json': setting('near', bool, false, 'Access log format translation (variable by variable; unknown ones reported).'),
  'log-format-escape-none': setting('near', bool, false, 'Access log format translation (variable by variable; unknown ones reported).'),
  'log-format-stream': setting('near', anyText, '', 'Access log format translation (variable by variable; unknown ones reported).'),
  'log-format-upstream': setting('near', anyText, '', 'Access log format translation (variable by variable; unknown ones reported).'),
  'skip-access-log-urls': setting('near', list, [] as readonly string[], 'Access log format translation (variable by variable; unknown ones reported).'),
  'stream-access-log-path': setting('near', anyText, '', 'Access log format translation (variable by variable; unknown ones reported).'),
  'syslog-host': setting('report', anyText, '', 'Syslog has no Envoy sink.'),
  'syslog-port': setting('report', int, 514, 'Syslog has no Envoy sink.'),
} as const;
