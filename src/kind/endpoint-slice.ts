import { z } from 'zod';
import { defineKind, head } from './kind.ts';

const conditions = z.strictObject({
  /** Undefined or null counts as true. */
  ready: z.boolean().nullish(),
  serving: z.boolean().nullish(),
  terminating: z.boolean().nullish(),
});

const endpoint = z.strictObject({
  addresses: z.array(z.string().min(1)).min(1).max(100),
  conditions: conditions.optional(),
  hostname: z.string().optional(),
  nodeName: z.string().nullish(),
  zone: z.string().nullish(),
  targetRef: z.looseObject({}).optional(),
  deprecatedTopology: z.record(z.string(), z.string()).optional(),
  hints: z
    .strictObject({
      forZones: z.array(z.strictObject({ name: z.string() })).optional(),
      forNodes: z.array(z.strictObject({ name: z.string() })).optional(),
    })
    .optional(),
});

/** @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export const endpointSlice = defineKind({
  kind: 'EndpointSlice',
  group: 'discovery.k8s.io',
  versions: ['v1'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    addressType: z.enum(['IPv4', 'IPv6', 'FQDN']),
    endpoints: z.array(endpoint).max(1000).nullish(),
    ports: z
      .array(
        z.strictObject({
          name: z.string().nullish(),
          protocol: z.enum(['TCP', 'UDP', 'SCTP']).nullish(),
          port: z.int().min(1).max(65535).nullish(),
          appProtocol: z.string().nullish(),
        }),
      )
      .max(100)
      .nullish(),
  }),
});
