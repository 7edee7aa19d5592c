import { anyText } from '../form.ts';
import { setting } from '../setting.ts';

/** Of tracers that ingress-nginx itself has given up. */
export const retiredSettings = {
  'jaeger-baggage-header': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-collector-host': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-collector-port': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-debug-header': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-endpoint': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-propagation-format': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-sampler-host': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-sampler-param': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-sampler-port': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-sampler-type': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-service-name': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-trace-baggage-header-prefix': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
  'jaeger-trace-context-header-name': setting('report', anyText, '', 'Not read: ingress-nginx itself has given it up, in 1.9, for OpenTelemetry.'),
} as const;
