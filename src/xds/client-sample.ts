import type { Listener } from '../ir/gateway.ts';
import { type Message, typed } from '../proto/message.ts';
import { duration, uint32 } from '../proto/values.ts';
import { xdsCluster } from '../xds-cluster.ts';

type Log = Message<'envoy.config.accesslog.v3.AccessLog'>;

/** Each thread of an Envoy tells at most so often, and sooner where it has so much to tell. */
const flushMs = 30_000;
const flushBytes = 64 * 1024;
/** Of a report. */
const timeoutMs = 10_000;

/**
 * Tells Sluice of a sample of the requests who the client is, from where the connection comes, and how it was answered: nothing else.
 * The draw is Envoy's own: by request ids it costs thrice as much, and a client that chooses its id would choose whether it is counted.
 * An Envoy whose bootstrap has no such cluster serves the same, and tells nothing.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/access_loggers/open_telemetry/v3/logs_service.proto
 */
export function clientSample({ name, clientSamplePercent: percent }: Listener): Log[] {
  if (percent === undefined) return [];
  return [
    {
      name: 'envoy.access_loggers.open_telemetry',
      filter: {
        runtime_filter: {
          runtime_key: 'sluice.client_sample',
          percent_sampled: { numerator: Math.round(percent * 10_000), denominator: 'MILLION' },
          use_independent_randomness: true,
        },
      },
      typed_config: typed('envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', {
        log_name: name,
        grpc_service: { envoy_grpc: { cluster_name: xdsCluster }, timeout: duration(timeoutMs) },
        buffer_flush_interval: duration(flushMs),
        buffer_size_bytes: uint32(flushBytes),
        body: {
          string_value: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT% %RESPONSE_CODE_DETAILS%',
        },
      }),
    },
  ];
}
