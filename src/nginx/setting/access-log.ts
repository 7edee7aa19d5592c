import { anyText, bool, int, list } from '../form.ts';
import { setting } from '../setting.ts';

/** The access log. */
export const accessLogSettings = {
  'access-log-params': setting('report', anyText, '', 'Not done: it is about buffers of the file of nginx.'),
  'access-log-path': setting('near', anyText, '/var/log/nginx/access.log', 'The file of the access log; Envoy writes to its standard output.'),
  'disable-access-log': setting('near', bool, false, 'Whether no access log is written.'),
  'disable-http-access-log': setting('near', bool, false, 'Whether no access log of HTTP is written.'),
  'disable-stream-access-log': setting('near', bool, false, 'Whether no access log of plain TCP and UDP is written.'),
  'enable-access-log-for-default-backend': setting('near', bool, false, 'Whether requests that the default backend answers are logged.'),
  'enable-auth-access-log': setting('near', bool, false, 'Whether questions to the service of `auth-url` are logged.'),
  'enable-syslog': setting('report', bool, false, 'Not done: Envoy does not write to syslog. Let an agent collect its standard output.'),
  'http-access-log-path': setting('near', anyText, '', 'The file of the access log of HTTP; Envoy writes to its standard output.'),
  'log-format-escape-json': setting('near', bool, false, 'Whether values in the access log are escaped as JSON asks for.'),
  'log-format-escape-none': setting('near', bool, false, 'Whether values in the access log are not escaped.'),
  'log-format-stream': setting('near', anyText, '', 'The form of a line of the access log of plain TCP and UDP, with variables of nginx.'),
  'log-format-upstream': setting('near', anyText, '', 'The form of a line of the access log, with variables of nginx.'),
  'skip-access-log-urls': setting('near', list, [] as readonly string[], 'Paths whose requests are not logged.'),
  'stream-access-log-path': setting('near', anyText, '', 'The file of the access log of plain TCP and UDP; Envoy writes to its standard output.'),
  'syslog-host': setting('report', anyText, '', 'Not done: Envoy does not write to syslog. Let an agent collect its standard output.'),
  'syslog-port': setting('report', int, 514, 'Not done: Envoy does not write to syslog. Let an agent collect its standard output.'),
} as const;
