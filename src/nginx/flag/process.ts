import { withoutEffect } from '../flag.ts';
import { bool, word } from '../form.ts';

/** How the controller runs, talks to Kubernetes and is looked at: it is another program here. */
export const processFlags = {
  'apiserver-host': withoutEffect('noop', word, 'Address of the API server.'),
  'certificate-authority': withoutEffect('noop', word, 'Authority of the API server.'),
  kubeconfig: withoutEffect('noop', word, 'File with the access to the API server.'),
  'sync-period': withoutEffect('noop', word, 'How often all objects are read again.'),
  'sync-rate-limit': withoutEffect('noop', word, 'How often NGINX is configured at most.'),
  'dynamic-configuration-retries': withoutEffect('noop', word, 'How often the configuration is sent again after a failure.'),
  'disable-sync-events': withoutEffect('noop', bool, 'Writes no events of Ingresses.'),
  'election-id': withoutEffect('noop', word, 'Name of the election of a leader.'),
  'election-ttl': withoutEffect('noop', word, 'How long a leader is one.'),
  'disable-leader-election': withoutEffect('noop', bool, 'Elects no leader.'),
  'shutdown-grace-period': withoutEffect('noop', word, 'How long the controller waits before it ends NGINX.'),
  'post-shutdown-grace-period': withoutEffect('noop', word, 'How long the controller waits after that.'),
  'default-server-port': withoutEffect('noop', word, 'Port of the default server inside NGINX.'),
  'ssl-passthrough-proxy-port': withoutEffect('noop', word, 'Port inside the controller.'),
  'status-port': withoutEffect('noop', word, 'Port inside the controller.'),
  'stream-port': withoutEffect('noop', word, 'Port inside the controller.'),
  'health-check-path': withoutEffect('noop', word, 'Path of the health check of the controller.'),
  'health-check-timeout': withoutEffect('noop', word, 'Time-out of the health check of the controller.'),
  'healthz-host': withoutEffect('noop', word, 'Address of the health check of the controller.'),
  'healthz-port': withoutEffect('noop', word, 'Port of the health check of the controller.'),
  'internal-logger-address': withoutEffect('noop', word, 'Address of the log inside the controller.'),
  profiling: withoutEffect('noop', bool, 'Serves profiles of the controller.'),
  'profiler-address': withoutEffect('noop', word, 'Address of these profiles.'),
  'profiler-port': withoutEffect('noop', word, 'Port of these profiles.'),
  'validating-webhook': withoutEffect('report', word, 'Address where the controller checks Ingresses before they are admitted; `sluice lint` checks them.'),
  'validating-webhook-certificate': withoutEffect('noop', word, 'Certificate of that.'),
  'validating-webhook-key': withoutEffect('noop', word, 'Key of that.'),
  'disable-full-test': withoutEffect('noop', bool, 'Checks less there.'),
} as const;
