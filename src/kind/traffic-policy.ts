import { z } from 'zod';
import { objectName, sectionName, tokenName } from './gateway/names.ts';
import { exactlyOneOf, withRule } from './own/cel.ts';
import { defineOwnKind } from './own/define.ts';
import { anyDuration, positiveDuration } from './own/fields.ts';

const gatewayGroup = 'gateway.networking.k8s.io';

const targetGroups: Readonly<Record<string, string>> = {
  Gateway: gatewayGroup,
  HTTPRoute: gatewayGroup,
  GRPCRoute: gatewayGroup,
  Ingress: 'networking.k8s.io',
  Service: '',
};

const targetRef = withRule(
  withRule(
    z.strictObject({
      group: z
        .enum([gatewayGroup, 'networking.k8s.io', ''])
        .describe('API group of the target: `gateway.networking.k8s.io`, `networking.k8s.io` for an Ingress, empty for a Service.'),
      kind: z.enum(['Gateway', 'HTTPRoute', 'GRPCRoute', 'Ingress', 'Service']).describe('Kind of the target.'),
      name: objectName.describe('Name of the target, in the namespace of the policy.'),
      sectionName: sectionName
        .optional()
        .describe('Name of a listener of the Gateway, or of a rule of the route. Without it the policy holds for all of the target.'),
    }),
    (ref) => targetGroups[ref.kind] === ref.group,
    "self.kind == 'Service' ? self.group == '' : self.kind == 'Ingress' ? self.group == 'networking.k8s.io' : self.group == 'gateway.networking.k8s.io'",
    'Gateway, HTTPRoute and GRPCRoute are of the group gateway.networking.k8s.io, Ingress is of networking.k8s.io, the group of a Service is empty',
  ),
  (ref) => ref.sectionName === undefined || (ref.kind !== 'Ingress' && ref.kind !== 'Service'),
  "!has(self.sectionName) || !(self.kind in ['Ingress', 'Service'])",
  'an Ingress and a Service have no sections',
);

const failures = [
  'ConnectFailure',
  'RefusedStream',
  'ResetBeforeRequest',
  'Reset',
  'GatewayError',
  'ServerError',
  'Cancelled',
  'DeadlineExceeded',
  'Internal',
  'ResourceExhausted',
  'Unavailable',
] as const;

const retries = z.strictObject({
  count: z.int().min(0).max(100).optional().describe('How often a request is tried again at most; 0: never. 3 unless written.'),
  on: z
    .array(z.enum(failures))
    .max(failures.length)
    .optional()
    .describe(
      'Failures after which any request is tried again, a POST too (for `kubectl` the key needs quotes, `"on"`, or YAML reads it as true): no connection was made (`ConnectFailure`); the backend refused the stream (`RefusedStream`); the connection ended before the request was sent (`ResetBeforeRequest`), or at any time before an answer (`Reset`); an answer of 502, 503, 504 (`GatewayError`) or of 500 and above (`ServerError`); a gRPC status of that name (`Cancelled`, `DeadlineExceeded`, `Internal`, `ResourceExhausted`, `Unavailable`). The first three unless written: of these the backend has seen nothing.',
    ),
  onIdempotent: z
    .array(z.enum(failures))
    .max(failures.length)
    .optional()
    .describe('Failures after which GET, HEAD, OPTIONS, PUT and DELETE are tried again besides. `[Reset]` unless written; `[]` for none.'),
  perTryTimeout: anyDuration
    .optional()
    .describe('How long one try may take; one that took longer is tried again where `Reset` or `GatewayError` is. `0s`: no limit. No limit unless written.'),
  backoff: z
    .strictObject({
      base: positiveDuration.optional().describe('About how long is waited before the first retry; doubled with each further one. `25ms` unless written.'),
      max: positiveDuration.optional().describe('Longest wait. `250ms` unless written, at least the base.'),
    })
    .optional()
    .describe('Pauses before retries; drawn at random up to the value.'),
});

const cookie = z.strictObject({
  name: tokenName.describe('Name of the cookie.'),
  ttl: anyDuration.optional().describe('How long the cookie is kept; `0s` is a cookie of the browser session, as is none.'),
});

const split = z.strictObject({
  stickyOn: exactlyOneOf(
    z.strictObject({
      cookie: cookie.optional().describe('A cookie that a client without it gets with its first answer, which comes from the side where it stays.'),
      header: tokenName.optional().describe('Name of a request header.'),
      clientAddress: z.literal(true).optional().describe('The address of the client.'),
    }),
    ['cookie', 'header', 'clientAddress'],
  ).describe('What tells users apart: equal values stay on one side of a split. A request without one is drawn by weight.'),
});

const sessionAffinity = exactlyOneOf(
  z.strictObject({
    cookie: cookie.optional().describe('A cookie that Envoy makes. It does not show the address of the endpoint.'),
    header: tokenName.optional().describe('Name of a header that Envoy adds to answers, and that clients send back.'),
  }),
  ['cookie', 'header'],
);

/** What happens to requests of a Gateway, a listener, a route, a rule, an Ingress or a Service. */
export const trafficPolicy = defineOwnKind({
  kind: 'TrafficPolicy',
  spec: z
    .strictObject({
      targetRefs: z
        .array(targetRef)
        .min(1)
        .max(16)
        .describe(
          'What the policy holds for. Field by field the closest to the request wins: rule, then route or Ingress, then listener, then Gateway, then Service; of two policies for the same target the older.',
        ),
      retries: retries.optional().describe('Which requests are tried again, on another endpoint.'),
      timeouts: z
        .strictObject({
          request: anyDuration.optional().describe('How long a request may take with all its retries. `0s`: no limit. `0s` unless written.'),
          streamIdle: anyDuration.optional().describe('Silence after which a request, a stream or a WebSocket is ended. `0s`: no limit. `5m` unless written.'),
        })
        .optional()
        .describe('Times of requests. Those of connections belong to a BackendPolicy.'),
      split: split.optional().describe('How requests are spread over the backends of a rule. By weight alone unless written.'),
      sessionAffinity: sessionAffinity
        .optional()
        .describe(
          'Requests of a session stay with one endpoint. A Secret `sluice-session` with a random value `key` in the namespace makes it so across replicas and restarts. Off unless written.',
        ),
    })
    .describe('What is not written keeps its default.'),
});
