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
  'enable-auth-access-log': setting(
    'near',
    bool,
    false,
    'Whether the questions to the service of `auth-url` are logged: a line of their own, in the same form, with what the service answered and how long it took. It is written when the request itself has been answered, and says nothing of the address of the service and of lengths.',
  ),
  'enable-syslog': setting('report', bool, false, 'Not done: Envoy does not write to syslog. Let an agent collect its standard output.'),
  'http-access-log-path': setting('near', anyText, '', 'The file of the access log of HTTP; Envoy writes to its standard output.'),
  'log-format-escape-json': setting(
    'near',
    bool,
    false,
    'Whether values in the access log are escaped as JSON asks for. The form must be a JSON object; the order of its names may change.',
  ),
  'log-format-escape-none': setting(
    'near',
    bool,
    false,
    'Whether values that are absent are written as nothing, rather than as `-`. Quotes in values are written as they are, also without it.',
  ),
  'log-format-stream': setting(
    'near',
    anyText,
    '[$remote_addr] [$time_local] $protocol $status $bytes_sent $bytes_received $session_time',
    'The form of a line of the access log of plain TCP and UDP, with variables of nginx. Written where it, a path of the log, or that it is not disabled, is said.',
  ),
  'log-format-upstream': setting(
    'near',
    anyText,
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id',
    'The form of a line of the access log, with variables of nginx; `-` stands for those that Envoy does not know. Where no setting says anything of the log, a sample of the requests is written as JSON instead: a GatewayConfig says how large.',
  ),
  'skip-access-log-urls': setting('near', list, [] as readonly string[], 'Paths whose requests are not logged.'),
  'stream-access-log-path': setting('near', anyText, '', 'The file of the access log of plain TCP and UDP; Envoy writes to its standard output.'),
  'syslog-host': setting('report', anyText, '', 'Not done: Envoy does not write to syslog. Let an agent collect its standard output.'),
  'syslog-port': setting('report', int, 514, 'Not done: Envoy does not write to syslog. Let an agent collect its standard output.'),
} as const;
