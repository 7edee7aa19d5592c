import * as grpc from '@grpc/grpc-js';
import { type ClientTls, credentialsOf } from './xds-client.ts';

const services = {
  latencies: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  clients: 'opentelemetry.proto.collector.logs.v1.LogsService',
} as const;

/** Sends a report as Envoy does by OTLP, on a connection of its own. @param tls undefined: plain text. @returns the status of the call. */
export async function sendReport(
  of: keyof typeof services,
  address: string,
  report: Buffer,
  tls?: ClientTls,
): Promise<{ readonly code: number; readonly details: string }> {
  const options = { 'grpc.ssl_target_name_override': 'sluice', 'grpc.use_local_subchannel_pool': 1 };
  const client = new grpc.Client(address, tls ? credentialsOf(tls) : grpc.credentials.createInsecure(), options);
  const same = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise((resolve) => {
      const call = client.makeUnaryRequest(`/${services[of]}/Export`, same, same, report, () => undefined);
      call.on('status', ({ code, details }) => resolve({ code, details }));
    });
  } finally {
    client.close();
  }
}
