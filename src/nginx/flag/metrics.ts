import { withoutEffect } from '../flag.ts';
import { bool, word } from '../form.ts';

/** Metrics of the controller, and tables of places: Envoy has metrics of its own. */
export const metricFlags = {
  'enable-metrics': withoutEffect('noop', bool, 'Collects metrics of NGINX.'),
  'metrics-per-host': withoutEffect('noop', bool, 'Metrics by host.'),
  'metrics-per-undefined-host': withoutEffect('noop', bool, 'Metrics of hosts that no Ingress names.'),
  'report-status-classes': withoutEffect('noop', bool, 'Metrics by classes of statuses.'),
  'time-buckets': withoutEffect('noop', word, 'Buckets of durations.'),
  'length-buckets': withoutEffect('noop', word, 'Buckets of the lengths of requests.'),
  'size-buckets': withoutEffect('noop', word, 'Buckets of the sizes of answers.'),
  'bucket-factor': withoutEffect('noop', word, 'Growth of the buckets of native histograms.'),
  'max-buckets': withoutEffect('noop', word, 'Most buckets of native histograms.'),
  'exclude-socket-metrics': withoutEffect('noop', word, 'Metrics that are left out.'),
  'monitor-max-batch-size': withoutEffect('noop', word, 'Most metrics that are sent at once.'),
  'maxmind-mirror': withoutEffect(
    'report',
    word,
    'Where databases of places are fetched from: Sluice fetches none, and takes those that `--ingress-geoip-city-database` and its like name.',
  ),
  'maxmind-license-key': withoutEffect('report', word, 'Licence of these databases, which Sluice does not fetch.'),
  'maxmind-edition-ids': withoutEffect('noop', word, 'Editions of these databases.'),
  'maxmind-retries-count': withoutEffect('noop', word, 'How often they are fetched again.'),
  'maxmind-retries-timeout': withoutEffect('noop', word, 'How long is waited between.'),
} as const;
