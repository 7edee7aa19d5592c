import { anyText } from '../form.ts';
import { setting } from '../setting.ts';

/** Of tracers that ingress-nginx itself has given up. */
export const retiredSettings = {
  'jaeger-baggage-header': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-collector-host': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-collector-port': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-debug-header': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-endpoint': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-propagation-format': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-sampler-host': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-sampler-param': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-sampler-port': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-sampler-type': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-service-name': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-trace-baggage-header-prefix': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
  'jaeger-trace-context-header-name': setting('report', anyText, '', 'Jaeger-*: gone from ingress-nginx since 1.9 (still in its table).'),
} as const;
