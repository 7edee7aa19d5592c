import type { Annotation } from '../annotation.ts';
import { type Family, valueOrIgnored } from '../family.ts';
import { int, oneOf, size, type UpstreamFailure, upstreamFailures } from '../form.ts';

const annotations = {
  proxyConnectTimeout: {
    name: 'proxy-connect-timeout',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Seconds for a connection to an endpoint, 5 by default.',
  },
  proxySendTimeout: {
    name: 'proxy-send-timeout',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Seconds without a word in either direction of a request, 60 by default.',
    difference: {
      example: 'POST / whose backend stops reading',
      nginx: '60 seconds between two writes to the backend are 504.',
      sluice: 'The request ends when neither side has said anything for so long, and never before the tries of `proxy-read-timeout` are over.',
      remedy: 'Set both to the same time.',
    },
  },
  proxyReadTimeout: {
    name: 'proxy-read-timeout',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Seconds that a backend may be silent, 60 by default; then 504, or another try where `proxy-next-upstream` has `timeout`.',
    difference: {
      example: 'GET /socket, upgraded to a WebSocket',
      nginx: 'A silent connection ends after `proxy-read-timeout`.',
      sluice: 'It ends after that time for each try of `proxy-next-upstream-tries`: 180 seconds by default.',
      remedy: 'Let the application send pings.',
    },
  },
  proxyBuffersNumber: {
    name: 'proxy-buffers-number',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: int,
    doc: 'Flow control.',
  },
  proxyBufferSize: {
    name: 'proxy-buffer-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: size,
    doc: '`max_response_headers_kb` guards big headers.',
  },
  proxyBodySize: {
    name: 'proxy-body-size',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: size,
    doc: 'The largest body of a request, 1m by default; 0: no limit. Larger ones are answered with 413.',
    difference: {
      example: 'POST / with a chunked body above `proxy-body-size`, and without request buffering',
      nginx: 'The body is cut at the limit and answered with 413.',
      sluice: 'Only bodies whose length is announced are measured where they are not buffered.',
      remedy: 'Leave request buffering on.',
    },
  },
  proxyNextUpstream: {
    name: 'proxy-next-upstream',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: upstreamFailures,
    doc: 'After which failures a request goes to another endpoint: `error timeout` by default. POST and PATCH only where the backend has seen nothing of them, unless `non_idempotent` is there.',
    difference: {
      example: 'GET / with `proxy-next-upstream: error`, whose backend refuses connections in time',
      nginx: '`error` and `timeout` differ for connections too.',
      sluice: 'A connection that fails in whatever way is tried again with either word.',
      remedy: 'None is needed.',
    },
  },
  proxyNextUpstreamTimeout: {
    name: 'proxy-next-upstream-timeout',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: int,
    doc: 'Tries end by their number and their own time-outs alone.',
  },
  proxyNextUpstreamTries: {
    name: 'proxy-next-upstream-tries',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'How many endpoints are tried, the first included: 3 by default. 0, without limit for nginx, is 10.',
  },
  proxyRequestBuffering: {
    name: 'proxy-request-buffering',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: oneOf(['on', 'off']),
    doc: '`on`, the default: the backend gets a request when all of its body is there, with a `Content-Length`. `off`: as it comes.',
    difference: {
      example: 'POST / with a body of 20 MB and `proxy-body-size: 50m`',
      nginx: 'Bodies are kept on disk until they are whole.',
      sluice: 'Bodies are kept in memory, so that a location which takes bodies above 16 MB, or of any size, is not buffered.',
      remedy: 'Lower `proxy-body-size`, or let the backend read slow bodies.',
    },
  },
  proxyBuffering: {
    name: 'proxy-buffering',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: oneOf(['on', 'off']),
    doc: 'Envoy streams (nginx default is off too).',
  },
  proxyHttpVersion: {
    name: 'proxy-http-version',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: oneOf(['1.0', '1.1']),
    doc: '1.0 needs accept_http_10/`http_protocol_options`; 1.1 default.',
  },
  proxyMaxTempFileSize: {
    name: 'proxy-max-temp-file-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: size,
    doc: 'No disk.',
  },
  proxyBusyBuffersSize: {
    name: 'proxy-busy-buffers-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: size,
    doc: 'Flow control.',
  },
} as const satisfies Family['annotations'];

/** How requests of a location are sent to endpoints. */
export interface ProxyConfig {
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly sendTimeoutMs: number;
  /** 0: any size. */
  readonly maxBodyBytes: number;
  readonly buffersRequests: boolean;
  readonly nextUpstream: readonly UpstreamFailure[];
  /** The first one included; 0: without limit. */
  readonly tries: number;
}

/** What is missing or wrong holds as the settings of the controller say. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-timeouts */
export const proxy: Family<ProxyConfig> = {
  name: 'proxy',
  annotations,
  read(reader) {
    const { controller } = reader;
    const own = <Value>(annotation: Annotation<Value>, fallback: Value): Value => valueOrIgnored(reader, annotation) ?? fallback;
    return {
      type: 'config',
      config: {
        connectTimeoutMs: own(annotations.proxyConnectTimeout, controller.value('proxy-connect-timeout')) * 1000,
        readTimeoutMs: own(annotations.proxyReadTimeout, controller.value('proxy-read-timeout')) * 1000,
        sendTimeoutMs: own(annotations.proxySendTimeout, controller.value('proxy-send-timeout')) * 1000,
        maxBodyBytes: own(annotations.proxyBodySize, controller.value('proxy-body-size')),
        buffersRequests: own(annotations.proxyRequestBuffering, controller.value('proxy-request-buffering')) === 'on',
        nextUpstream: own(annotations.proxyNextUpstream, controller.value('proxy-next-upstream')),
        tries: own(annotations.proxyNextUpstreamTries, controller.value('proxy-next-upstream-tries')),
      },
    };
  },
};
