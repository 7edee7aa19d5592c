import { z } from 'zod';
import { preciseHostname } from './gateway/names.ts';
import { port } from './kind.ts';
import { exactlyOneOf } from './own/cel.ts';
import { defineOwnKind } from './own/define.ts';
import { ipAddress } from './own/fields.ts';

const endpoint = exactlyOneOf(
  z.strictObject({
    address: ipAddress.optional().describe('IPv4 or IPv6 address.'),
    hostname: preciseHostname.optional().describe('Name that Envoy resolves, and resolves again; each address is an endpoint.'),
    port: port.optional().describe('Port of the endpoint. That of the reference unless written.'),
    zone: z.string().min(1).max(253).optional().describe('Zone that the endpoint stands in, as `node.locality.zone` of an Envoy names it.'),
    weight: z.int().min(1).max(128).optional().describe('Weight beside the other endpoints. 1 unless written.'),
  }),
  ['address', 'hostname'],
);

/** Endpoints outside Kubernetes, for a `backendRef` of the group `gateway.sluice.dev`. */
export const backend = defineOwnKind({
  kind: 'Backend',
  spec: z
    .strictObject({
      endpoints: z.array(endpoint).max(1000).describe('Where requests go.'),
      appProtocol: z
        .string()
        .min(1)
        .max(253)
        .optional()
        .describe('What the endpoints speak, as `appProtocol` of a Service port: `kubernetes.io/h2c`, `grpc` or `http2` are HTTP/2. HTTP/1.1 unless written.'),
    })
    .describe('Addresses and names of machines.'),
});
