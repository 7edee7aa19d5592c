import { z } from 'zod';
import { objectName, preciseHostname, sectionName, tokenName } from './gateway/names.ts';
import { atMostOneOf, exactlyOneOf, withRule } from './own/cel.ts';
import { defineOwnKind } from './own/define.ts';
import { anyDuration, count, factor, ownGroup, percent, positiveDuration } from './own/fields.ts';

const targetRef = withRule(
  z.strictObject({
    group: z.enum(['', ownGroup]).describe('API group of the target: empty for a Service, `gateway.sluice.dev` for a Backend.'),
    kind: z.enum(['Service', 'Backend']).describe('Kind of the target.'),
    name: objectName.describe('Name of the target, in the namespace of the policy.'),
    sectionName: sectionName.optional().describe('Name of a port of the Service, or its number. Without it the policy holds for every port.'),
  }),
  (ref) => (ref.group === '') === (ref.kind === 'Service'),
  "(self.group == '') == (self.kind == 'Service')",
  'the group of a Service is empty, that of a Backend is gateway.sluice.dev',
);

const hashInput = exactlyOneOf(
  z.strictObject({
    header: tokenName.optional().describe('Name of a request header.'),
    cookie: z
      .strictObject({
        name: tokenName.describe('Name of the cookie.'),
        ttl: anyDuration
          .optional()
          .describe(
            'With it Envoy makes the cookie where it is missing; `0s` is a cookie of the browser session. Without it only a cookie that is there counts.',
          ),
      })
      .optional()
      .describe('A cookie.'),
    clientAddress: z.literal(true).optional().describe('The address of the client.'),
    query: z.string().min(1).max(1024).optional().describe('Name of a query parameter.'),
  }),
  ['header', 'cookie', 'clientAddress', 'query'],
);

const loadBalancer = withRule(
  z.strictObject({
    type: z
      .enum(['RoundRobin', 'LeastRequest', 'Random', 'RingHash', 'Maglev'])
      .describe(
        'How an endpoint is chosen. RingHash and Maglev send equal hashes to the same endpoint. RoundRobin and LeastRequest know slow start in both its modes, RingHash and Maglev in the mode Sluice, Random in none.',
      ),
    choices: z.int().min(2).max(100).optional().describe('LeastRequest: how many endpoints, drawn at random, are compared. 2 unless written.'),
    hashOn: z
      .array(hashInput)
      .min(1)
      .max(8)
      .optional()
      .describe('RingHash and Maglev: what is hashed, the first input that a request has. Needed there, without effect elsewhere.'),
  }),
  (value) => !['RingHash', 'Maglev'].includes(value.type) || value.hashOn !== undefined,
  "!(self.type in ['RingHash', 'Maglev']) || has(self.hashOn)",
  'RingHash and Maglev need `hashOn`',
);

const slowStart = z.strictObject({
  mode: z
    .enum(['Envoy', 'Sluice', 'Off'])
    .optional()
    .describe(
      'Who raises the share: each Envoy, from when it first saw the endpoint, or Sluice by the weights that it sends, from when the endpoint was first ready. `"Off"` needs quotes, or YAML reads it as false. `Envoy` unless written.',
    ),
  window: positiveDuration.optional().describe('How long it takes until a new endpoint has its full share. `30s` unless written.'),
  aggression: factor.optional().describe('1 grows evenly, above 1 is faster at first, below 1 is slower at first. 1 unless written.'),
  minWeightPercent: percent.min(1).optional().describe('Share of its full weight that a new endpoint begins with. 10 unless written.'),
});

const outlierDetection = z.strictObject({
  preset: z
    .enum(['Auto', 'Off'])
    .optional()
    .describe('`Auto` fills in whatever is not written below; `"Off"` (in quotes, or YAML reads it as false) ejects nothing. `Auto` unless written.'),
  consecutive5xx: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe(
      'Failures in a row (answers of 500 and above, failed connects, resets, time-outs) that eject an endpoint; 0: off. Off unless written: a page that answers 500 would eject one endpoint after the other.',
    ),
  consecutiveGatewayErrors: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('Answers of 502, 503, 504, failed connects, resets and time-outs in a row that eject an endpoint; 0: off. 5 unless written.'),
  consecutiveLocalErrors: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe(
      'Failed connects, resets and time-outs in a row that eject an endpoint, counted apart from answers; 0: off. Without it they count as answers of 503 and 504.',
    ),
  interval: positiveDuration.optional().describe('How often rates are compared and ejected endpoints are looked at again. `1s` unless written.'),
  baseEjection: positiveDuration.optional().describe('Length of the first ejection; it grows with each further one. `10s` unless written.'),
  maxEjection: positiveDuration.optional().describe('Length that no ejection exceeds. `60s` unless written.'),
  maxEjectionPercent: percent.optional().describe('Share of the endpoints that may be ejected at a time. 67 unless written.'),
  alwaysEjectOne: z
    .boolean()
    .optional()
    .describe('Whether one endpoint may be ejected even where that is more than `maxEjectionPercent`. `true` unless written.'),
  successRate: z
    .strictObject({
      minEndpoints: z.int().min(2).max(1000).optional().describe('Fewest endpoints with enough requests for a comparison. 5 unless written.'),
      requestVolume: z
        .int()
        .min(1)
        .max(1_000_000)
        .optional()
        .describe('Fewest requests that an endpoint needs in an interval to be compared. 100 unless written.'),
      stdevFactor: factor.optional().describe('How many standard deviations below the mean is too low. 1.9 unless written.'),
    })
    .optional()
    .describe('Ejects endpoints whose success rate is far below that of the others. Off unless written.'),
  failurePercentage: z
    .strictObject({
      threshold: percent.optional().describe('Share of failed requests that ejects; 0: off. 95 unless written.'),
      minEndpoints: z.int().min(1).max(1000).optional().describe('Fewest endpoints with enough requests. 2 unless written.'),
      requestVolume: z.int().min(1).max(1_000_000).optional().describe('Fewest requests that an endpoint needs in an interval. 10 unless written.'),
    })
    .optional()
    .describe('Ejects endpoints that answer more than a share of their requests with 500 and above, or not at all.'),
});

const healthCheck = atMostOneOf(
  z.strictObject({
    http: z
      .strictObject({
        path: z.string().min(1).max(1024).regex(/^\//, 'a path starts with `/`').describe('Path that is asked for with GET.'),
        host: preciseHostname.optional().describe('Host header. The name that TLS asks for, else `NAME.NAMESPACE` of the target unless written.'),
        statuses: z.array(z.int().min(100).max(599)).min(1).max(32).optional().describe('Status codes that count as healthy. 200 unless written.'),
      })
      .optional()
      .describe('Asks by HTTP.'),
    tcp: z.strictObject({}).optional().describe('Healthy is whatever accepts a connection.'),
    grpc: z
      .strictObject({ service: z.string().min(1).max(253).optional().describe('Service that is asked about. The server as a whole unless written.') })
      .optional()
      .describe('Asks `grpc.health.v1.Health/Check`.'),
    interval: positiveDuration.optional().describe('Time between two checks of an endpoint. `2s` unless written.'),
    timeout: positiveDuration.optional().describe('Time after which a check has failed. `1s` unless written.'),
    healthy: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Good checks in a row that make an endpoint healthy; the first check of a new endpoint decides alone. 2 unless written.'),
    unhealthy: z.int().min(1).max(100).optional().describe('Failed checks in a row that make an endpoint unhealthy. 3 unless written.'),
  }),
  ['http', 'tcp', 'grpc'],
);

const circuitBreaker = z.strictObject({
  maxConnections: count.optional().describe('Connections at a time. 10000 unless written.'),
  maxPendingRequests: count.optional().describe('Requests at a time that wait for a connection. 10000 unless written.'),
  maxRequests: count.optional().describe('Requests at a time. 10000 unless written.'),
  retryBudget: z
    .strictObject({
      percent: percent.optional().describe('Retries at a time, as a share of the requests under way. 25 unless written.'),
      minConcurrent: z.int().min(0).max(1_000_000).optional().describe('Retries at a time that are always allowed. 50 unless written.'),
    })
    .optional()
    .describe('How many retries may be under way.'),
});

const tls = z.strictObject({
  hostname: preciseHostname.describe('Name that is asked for (SNI) and that the certificate must have.'),
  caRefs: z
    .array(
      z.strictObject({
        kind: z.enum(['ConfigMap', 'Secret']).describe('Kind of the object.'),
        name: objectName.describe('Name of the object, in the namespace of the policy; its `ca.crt` holds the certificates as PEM.'),
      }),
    )
    .min(1)
    .max(8)
    .optional()
    .describe('Authorities that may have signed the certificate. Those of the system that Envoy runs on unless written.'),
  clientCertificateRef: z
    .strictObject({
      kind: z.literal('Secret').describe('Always `Secret`.'),
      name: objectName.describe('Name of the Secret, in the namespace of the policy, with `tls.crt` and `tls.key`.'),
    })
    .optional()
    .describe('Certificate that Envoy shows.'),
});

/** How to talk to a Service, one of its ports, or a Backend. */
export const backendPolicy = defineOwnKind({
  kind: 'BackendPolicy',
  spec: z
    .strictObject({
      targetRefs: z
        .array(targetRef)
        .min(1)
        .max(16)
        .describe('What the policy holds for. A policy for a port wins over one for the Service, field by field; of two for the same target the older wins.'),
      loadBalancer: loadBalancer.optional().describe('How requests are spread over the endpoints. `LeastRequest` unless written.'),
      slowStart: slowStart.optional().describe('A new endpoint gets its share bit by bit. Off unless written.'),
      outlierDetection: outlierDetection.optional().describe('Endpoints that fail are left out for a while.'),
      healthCheck: healthCheck.optional().describe('Endpoints are asked whether they are well. Off unless written.'),
      circuitBreaker: circuitBreaker.optional().describe('Limits of each Envoy towards this backend; what is above them is answered with 503.'),
      timeouts: z
        .strictObject({
          connect: positiveDuration.optional().describe('Time that a connection may take to be made. `1s` unless written.'),
          idle: anyDuration
            .optional()
            .describe(
              'Unused connections are closed after this; must be below the keep-alive of the server. `0s`: never. `4s` for HTTP/1.1 and `5m` for HTTP/2 unless written.',
            ),
        })
        .optional()
        .describe('Times of connections. Those of requests belong to routes.'),
      tcpKeepalive: z
        .strictObject({
          time: positiveDuration.optional().describe('Silence after which probes begin; whole seconds. `60s` unless written.'),
          interval: positiveDuration.optional().describe('Time between probes; whole seconds. `10s` unless written.'),
          probes: z.int().min(1).max(100).optional().describe('Unanswered probes after which the connection is closed. 3 unless written.'),
        })
        .optional()
        .describe('Finds connections whose other end is gone. Unless written it is on for HTTP/2 and off for HTTP/1.1.'),
      protocol: z
        .enum(['Auto', 'HTTP1', 'HTTP2'])
        .optional()
        .describe(
          '`Auto` goes by `appProtocol` of the port (`kubernetes.io/h2c`, `grpc`, `http2` are HTTP2) and is HTTP1 where it says nothing. Routes for gRPC always use HTTP2. `Auto` unless written.',
        ),
      tls: tls.optional().describe('Connections are encrypted. A BackendTLSPolicy wins over it.'),
      locality: z
        .strictObject({
          prefer: z
            .enum(['Zone', 'None'])
            .describe('`Zone`: endpoints in the zone of the Envoy first, where it has healthy ones there and its bootstrap names a zone.'),
        })
        .optional()
        .describe('Which endpoints come first. `None` unless written.'),
      panicThresholdPercent: percent
        .optional()
        .describe('Where fewer of the endpoints are healthy, all of them get requests again; 0: never. 33 unless written.'),
    })
    .describe('What is not written keeps its default.'),
});
