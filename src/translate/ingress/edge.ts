import { isIP } from 'node:net';
import { diagnostic, type Report } from '../../diagnostic.ts';
import type { AccessLog, ClientAddress, ClientLimits, Compression, Listener, PlaceDatabases, ProxyHeader, Tracing } from '../../ir/gateway.ts';
import { parseCidrs } from '../../nginx/cidr.ts';
import type { Controller } from '../../nginx/controller.ts';
import { placeDatabases } from '../../nginx/places.ts';
import type { StoreView } from '../../store/view.ts';
import { httpLog } from './access-log.ts';
import { clientLimitsOf } from './connections.ts';
import { readAnswerText } from './log-format.ts';

/**
 * What the settings of ingress-nginx say of all that comes to the ports of Ingresses. It holds whether there are Ingresses or not:
 * their coming and going must not change a listener.
 */
export interface Edge extends Pick<Listener, 'makesRequestIds' | 'allowsUnderscores' | 'answerHeaders' | 'compressions'> {
  /** The addresses that are bound. Undefined: as for all listeners. */
  readonly addresses?: readonly [string, ...string[]];
  /** Undefined: the peer is the client. */
  readonly clientAddress?: ClientAddress;
  /** Undefined: nothing is said of it. */
  readonly accessLog?: AccessLog;
  readonly clientLimits?: ClientLimits;
  /** Undefined: nobody asks where clients come from. */
  readonly places?: PlaceDatabases;
  /** Undefined: no request has a span. */
  readonly tracing?: Tracing;
}

/** Where nothing is set. */
export const plainEdge: Edge = { makesRequestIds: true, allowsUnderscores: false, answerHeaders: { set: [], remove: [] }, compressions: [] };

export function edgeOf(view: StoreView, controller: Controller, tracing: Tracing | undefined, report: Report): Edge {
  const { value } = controller;
  const clientAddress = clientAddressOf(value);
  const accessLog = httpLog(controller).log;
  const clientLimits = clientLimitsOf(controller);
  const addresses = addressesOf(controller);
  const places = placeDatabases(controller);
  return {
    ...(addresses && { addresses }),
    ...(clientAddress && { clientAddress }),
    ...(accessLog && { accessLog }),
    ...(clientLimits && { clientLimits }),
    ...(tracing && { tracing }),
    ...(places && { places }),
    makesRequestIds: value('generate-request-id'),
    allowsUnderscores: value('enable-underscores-in-headers'),
    answerHeaders: {
      set: [...serverHeader(value), ...addedHeaders(view, value('add-headers'), report)],
      remove: value('hide-headers').flatMap((name) => (isName(name) ? [name.toLowerCase()] : [])),
    },
    compressions: compressionsOf(value),
  };
}

/** Those of `bind-address`, and of what ingress-nginx makes of it. What is none is left out, as nginx would not start with it. */
function addressesOf({ value }: Controller): Edge['addresses'] {
  const [first, ...others] = new Set([...value('bind-address').split(','), ...value('bind-address-ipv4'), ...value('bind-address-ipv6')].flatMap(addressOf));
  return first === undefined ? undefined : [first, ...others];
}

/** IPv6 may stand in brackets, as nginx writes it. */
function addressOf(text: string): readonly string[] {
  const address = text.trim().replace(/^\[(.*)\]$/, '$1');
  return isIP(address) ? [address] : [];
}

function compressionsOf(value: Controller['value']): readonly Compression[] {
  // HTML is compressed whatever the lists say.
  const types = (key: 'gzip-types' | 'brotli-types') => [
    ...new Set([
      'text/html',
      ...value(key)
        .split(/\s+/)
        .filter((type) => type !== ''),
    ]),
  ];
  const between = (least: number, level: number, most: number): number => Math.min(Math.max(level, least), most);
  const brotli: Compression = {
    type: 'brotli',
    level: between(0, value('brotli-level'), 11),
    minimumBytes: Math.max(value('brotli-min-length'), 0),
    contentTypes: types('brotli-types'),
  };
  const gzip: Compression = {
    type: 'gzip',
    level: between(1, value('gzip-level'), 9),
    minimumBytes: Math.max(value('gzip-min-length'), 0),
    contentTypes: types('gzip-types'),
  };
  return [...(value('enable-brotli') ? [brotli] : []), ...(value('use-gzip') ? [gzip] : [])];
}

/** nginx names itself, in the place of the backend unless this may speak for itself. */
function serverHeader(value: Controller['value']): Edge['answerHeaders']['set'] {
  if (!value('server-tokens')) return [];
  return [{ name: 'server', value: 'nginx', ...(value('allow-backend-server-header') && { ifAbsent: true }) }];
}

/** The values of a ConfigMap, `NAMESPACE/NAME`, by the name of a header; none where it is missing, as for ingress-nginx. Gives `IngressSettingIgnored`. */
function addedHeaders(view: StoreView, reference: string, report: Report): Edge['answerHeaders']['set'] {
  const [namespace = '', name = ''] = reference.split('/');
  const configMap = view.get('ConfigMap', namespace, name);
  return Object.entries(configMap?.object.data ?? {}).flatMap(([header, written]) => {
    const { text: value, unknown } = readAnswerText(written);
    if (isName(header) && unknown.length === 0 && !/[\0\r\n]/.test(written)) return [{ name: header.toLowerCase(), value, isFormat: true as const }];
    const why = unknown.length > 0 ? `holds $${unknown[0]}, for which Envoy has nothing in answers` : 'is no header that can be set';
    const message = `${JSON.stringify(`${header}: ${written}`)} ${why}, so answers do not have it.`;
    report(diagnostic('IngressSettingIgnored', configMap?.origin(['data', header]) ?? {}, message, 'Correct it, or remove it.'));
    return [];
  });
}

/** Of a header that Envoy lets one set. @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
function isName(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text) && text.toLowerCase() !== 'host';
}

function clientAddressOf(value: Controller['value']): ClientAddress | undefined {
  const believesOthers = value('use-forwarded-headers');
  // What is no network is no network of a proxy.
  const trustedCidrs = value('proxy-real-ip-cidr').flatMap((cidr) => parseCidrs([cidr]) ?? []);
  const proxyHeader = value('use-proxy-protocol') ? proxyHeaderOf(trustedCidrs, value('proxy-protocol-header-timeout')) : undefined;
  if (!believesOthers && !value('enable-real-ip')) return proxyHeader && { mode: 'ProxyProtocol', optional: false, ...proxyHeader };
  const header = value('forwarded-for-header').toLowerCase();
  return {
    mode: 'XForwardedFor',
    trustedCidrs,
    ...(header !== 'x-forwarded-for' && { header }),
    believesOthers,
    ...(proxyHeader && { proxyHeader }),
  };
}

/** @param headerTimeoutMs 0: nothing is said. */
function proxyHeaderOf(trustedCidrs: readonly string[], headerTimeoutMs: number): ProxyHeader {
  return {
    ...(trustedCidrs.some((cidr) => cidr.endsWith('/0')) ? {} : { peers: trustedCidrs }),
    ...(headerTimeoutMs > 0 && { headerTimeoutMs }),
  };
}
