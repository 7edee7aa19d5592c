import type { Annotation } from '../annotation.ts';
import { type Family, valueOrIgnored } from '../family.ts';
import { int, oneOf, size, type UpstreamFailure, upstreamFailures } from '../form.ts';

/** What Sluice keeps of a body at most. */
const mostBufferedBytes = 16 * 1024 ** 2;

/** Whether bodies as large as a limit allows are kept until they are whole. */
function isBuffered(limit: string | undefined): boolean {
  const bytes = size.read(limit ?? '1m');
  return bytes !== undefined && bytes > 0 && bytes <= mostBufferedBytes;
}

const annotations = {
  proxyConnectTimeout: {
    name: 'proxy-connect-timeout',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Seconds for a connection to an endpoint. With 5, the default of ingress-nginx, it is the second that Sluice has for all backends.',
    difference: {
      example: 'GET / whose endpoints take longer than a second to accept a connection',
      holdsFor: (text) => text.trim() === '5',
      nginx: 'Waits for 5 seconds unless another time is written.',
      sluice: 'Tries the next endpoint after a second; a time other than 5 holds as it is written.',
      remedy: 'Write a time other than 5, or `timeouts.connect` of a BackendPolicy.',
    },
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
      nginx: 'Answers 504 when the backend has taken nothing of the body for so long.',
      sluice: 'Does so when neither side has said anything for so long, and not before the time of all tries of `proxy-read-timeout` is over.',
      remedy: 'None is needed: such requests end, but later.',
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
      example: 'GET / upgraded to a WebSocket on which nobody speaks',
      holdsFor: (_, { textOf }) => textOf('proxy-next-upstream-tries') !== '1',
      nginx: 'It ends after the time.',
      sluice:
        'It ends after the time for each try of `proxy-next-upstream-tries`, as Envoy has one clock for both: three times as late unless tries are written.',
      remedy: 'Let the application send pings.',
    },
  },
  proxyBuffersNumber: {
    name: 'proxy-buffers-number',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: int,
    doc: 'Of no use here: Envoy passes answers on as they come.',
  },
  proxyBufferSize: {
    name: 'proxy-buffer-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: size,
    doc: 'Of no use here: heads of answers may be as large as Envoy takes them, 60 KB.',
  },
  proxyBodySize: {
    name: 'proxy-body-size',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: size,
    doc: 'The largest body of a request, 1m by default; 0: no limit. Larger ones are answered with 413.',
    difference: {
      example: 'POST / with a large body that is sent in chunks',
      holdsFor: (text, { textOf }) => (textOf('proxy-request-buffering') === 'off' ? text !== '0' : !isBuffered(text)),
      nginx: 'Keeps bodies on disk until they are whole, unless request buffering is off; one above the limit is answered with 413.',
      sluice:
        'Keeps them in memory, where the limit is 16 MB at most. With a higher one, or without request buffering, bodies go to the backend as they come, and only an announced length is measured.',
      remedy: 'Lower the limit to 16m, or let the backend measure bodies and read slow ones.',
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
      example: 'GET / whose backend does not take connections',
      holdsFor: (text) => /\berror\b/.test(text) !== /\btimeout\b/.test(text),
      nginx: '`error` and `timeout` differ for connections too.',
      sluice: 'A connection that fails in whatever way is tried again with either word.',
      remedy: 'None is needed.',
    },
  },
  proxyNextUpstreamTimeout: {
    name: 'proxy-next-upstream-timeout',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'After how many seconds no other endpoint is tried any more; 0, as by default: none.',
    difference: {
      example: 'GET / whose endpoints take no connections, or give statuses of `proxy-next-upstream`, after some time',
      holdsFor: (text) => text.trim() !== '0',
      nginx: 'Tries no other endpoint after the time, whatever failed.',
      sluice: 'Counts the time of tries that end by `proxy-read-timeout`; after other failures it tries as many as `proxy-next-upstream-tries` says.',
      remedy: 'None is needed where endpoints that fail otherwise do so at once.',
    },
  },
  proxyNextUpstreamTries: {
    name: 'proxy-next-upstream-tries',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'How many endpoints are tried, the first included: 3 by default. 0, without limit for nginx, is 10.',
    difference: {
      example: 'GET / whose endpoints all fail',
      holdsFor: (text) => text.trim() === '0',
      nginx: 'With 0 it tries every endpoint.',
      sluice: 'Tries ten.',
      remedy: 'Write the number that you want.',
    },
  },
  proxyRequestBuffering: {
    name: 'proxy-request-buffering',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: oneOf(['on', 'off']),
    doc: '`on`, the default: the backend gets a request when all of its body is there, with a `Content-Length`. `off`: as it comes.',
    difference: {
      example: 'POST / with a body that is sent slowly',
      holdsFor: (text, { textOf }) => text === 'on' && !isBuffered(textOf('proxy-body-size')),
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
    doc: 'Of no use here: Envoy passes answers on as they come, which is the default of ingress-nginx too.',
  },
  proxyHttpVersion: {
    name: 'proxy-http-version',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: oneOf(['1.0', '1.1']),
    doc: '`1.1`, the default; Envoy does not speak `1.0` with backends.',
    difference: {
      example: 'GET /',
      holdsFor: (text) => text === '1.0',
      nginx: 'With `1.0` it speaks HTTP/1.0 with the backend.',
      sluice: 'Speaks HTTP/1.1, which backends of HTTP/1.0 answer as well.',
      remedy: 'None is needed, but for a backend that answers nothing but HTTP/1.0.',
    },
  },
  proxyMaxTempFileSize: {
    name: 'proxy-max-temp-file-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: size,
    doc: 'Of no use here: Envoy writes no answers to disk.',
  },
  proxyBusyBuffersSize: {
    name: 'proxy-busy-buffers-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: size,
    doc: 'Of no use here: Envoy passes answers on as they come.',
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
  /** 0: without limit. */
  readonly nextUpstreamTimeoutMs: number;
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
        nextUpstreamTimeoutMs: own(annotations.proxyNextUpstreamTimeout, controller.value('proxy-next-upstream-timeout')) * 1000,
        tries: own(annotations.proxyNextUpstreamTries, controller.value('proxy-next-upstream-tries')),
      },
    };
  },
};
