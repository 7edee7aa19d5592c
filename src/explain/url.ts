/** A URL taken apart as a client does it: nothing in the path is changed. */
export interface WrittenUrl {
  readonly scheme: 'http' | 'https';
  /** Host without port, IPv6 in brackets, lower case. */
  readonly hostname: string;
  /** As written, with its port if it names one: the Host header of most clients. */
  readonly host: string;
  readonly port: number;
  /** Begins with `/`. */
  readonly path: string;
  readonly query?: string;
}

/**
 * Reads `http://HOST[:PORT]/PATH?QUERY`; without a scheme it is `http`. The class `URL` would resolve `..` and more, which is
 * what Envoy is to be watched at. Undefined where there is no host or the port is no number.
 */
export function parseUrl(url: string): WrittenUrl | undefined {
  const parts = /^(?:(https?):\/\/)?(?:[^/?#@]*@)?((\[[0-9a-f:.]+\]|[^/?#:@[\]]+)(?::(\d{1,5}))?)(\/[^?#]*)?(?:\?([^#]*))?(?:#.*)?$/i.exec(url.trim());
  if (!parts) return undefined;
  const [, scheme, host = '', hostname = '', port, path = '', query] = parts;
  const known = scheme?.toLowerCase() === 'https' ? 'https' : 'http';
  return {
    scheme: known,
    hostname: hostname.toLowerCase(),
    host,
    port: port === undefined ? { http: 80, https: 443 }[known] : Number(port),
    path: path === '' ? '/' : path,
    ...(query !== undefined && { query }),
  };
}
