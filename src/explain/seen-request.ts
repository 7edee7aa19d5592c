import { serverNameHeader } from '../ir/names.ts';
import { isGrpc, type Matchable } from './conditions.ts';
import type { ExplainRequest, SeenRequest } from './explanation.ts';
import type { ManagerMessage } from './messages.ts';
import { normalizedPath } from './normalize.ts';
import { parseUrl, type WrittenUrl } from './url.ts';

/** A request as it was written; which listener takes it decides what routes see of it. */
export interface ReadRequest {
  readonly url: WrittenUrl;
  /** The request behind a connection manager. A path that is refused is `''`. */
  through(manager: ManagerMessage): { readonly seen: SeenRequest; readonly matchable: Matchable };
}

/** Undefined where the URL is none. */
export function readRequest(request: ExplainRequest): ReadRequest | undefined {
  const url = parseUrl(request.url);
  if (!url) return undefined;
  const method = request.method.toUpperCase();
  const host = request.headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? url.host;
  return {
    url,
    through(manager) {
      const path = normalizedPath(url.path, manager) ?? '';
      const dropped = manager.common_http_protocol_options?.headers_with_underscores_action === 'DROP_HEADER';
      const droppedHeaders = dropped ? request.headers.map(([name]) => name).filter((name) => name.includes('_')) : [];
      const kept = request.headers.filter(([name]) => !droppedHeaders.includes(name) && name.toLowerCase() !== 'host');
      const target = url.query === undefined ? path : `${path}?${url.query}`;
      const pseudo = [
        [':authority', host],
        [':method', method],
        [':path', target],
        [':scheme', url.scheme],
      ] as const;
      // Listeners with TLS put it there.
      const serverName = url.scheme === 'https' ? ([[serverNameHeader, url.hostname]] as const) : [];
      const headers = joined([...kept, ...pseudo, ...serverName, ['host', host]]);
      const seen: SeenRequest = {
        method,
        scheme: url.scheme,
        host,
        port: url.port,
        path,
        ...(url.query !== undefined && { query: url.query }),
        ...(path !== url.path && { writtenPath: url.path }),
        isGrpc: isGrpc(headers.get('content-type')),
        droppedHeaders,
      };
      return { seen, matchable: { method, path, query: url.query, headers } };
    },
  };
}

/** Values of one name joined as Envoy joins them before it compares. */
function joined(headers: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = result.get(name.toLowerCase());
    result.set(name.toLowerCase(), before === undefined ? value : `${before},${value}`);
  }
  return result;
}
