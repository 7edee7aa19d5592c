import type { AnnotationReader } from './family.ts';
import { type KeptAnswersRequest, readKeptAnswers } from './kept-answers.ts';
import { unknownVariable } from './variables.ts';

/** A service that is asked whether a request may go on. Texts may have variables of nginx. */
export interface AuthRequest {
  readonly scheme: 'http' | 'https';
  /** Name, address, or `$host`. */
  readonly host: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  readonly method: string | undefined;
  /** With the parameter that says where to go afterwards. */
  readonly signin: string | undefined;
  readonly redirect: string;
  readonly requestHeaders: readonly { readonly name: string; readonly value: string }[];
  /** In lower case. */
  readonly copiedHeaders: readonly string[];
  readonly setsCookiesAlways: boolean;
  /** Undefined: the service is asked about every request. */
  readonly kept: KeptAnswersRequest | undefined;
}

/** What was written, as it was written; empty texts count as none. */
export interface WrittenAuthRequest {
  readonly url: string;
  readonly method?: string | undefined;
  readonly signin?: string | undefined;
  readonly signinParameter?: string | undefined;
  readonly redirect?: string | undefined;
  readonly copiedHeaders: readonly string[];
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly setsCookiesAlways: boolean;
  readonly cacheKey?: string | undefined;
  readonly cacheDuration?: string | undefined;
}

/** Reads it. A text: why it cannot be honoured. */
export function readAuthRequest(written: WrittenAuthRequest): AuthRequest | string {
  const [, scheme, host = '', port, path = ''] = /^(https?):\/\/([^/?#:@]+)(?::(\d{1,5}))?([/?][^#]*)?$/.exec(written.url) ?? [];
  if (scheme !== 'http' && scheme !== 'https') return `${JSON.stringify(written.url)} is no URL of a service`;
  if (host.includes('$') && host !== '$host') return `of the host ${JSON.stringify(host)} nothing but \`$host\` is known before a request comes`;
  if (host.includes('..')) return `${JSON.stringify(host)} is no host name`;
  const { method, signin, signinParameter, redirect = '$request_uri' } = written;
  if (method && !methods.includes(method)) return `${JSON.stringify(method)} is no method`;
  const wrongHeader = [...written.copiedHeaders, ...Object.keys(written.requestHeaders)].find((name) => !/^[A-Za-z\d\-_]+$/.test(name));
  if (wrongHeader !== undefined) return `${JSON.stringify(wrongHeader)} is no name of a header`;
  const wrongValue = Object.values(written.requestHeaders).find((value) => /[\r\n\0]/.test(value));
  if (wrongValue !== undefined) return `${JSON.stringify(wrongValue)} is no value of a header`;
  const strange = [path, redirect, signin ?? '', ...Object.values(written.requestHeaders)].map(unknownVariable).find((name) => name !== undefined);
  if (strange !== undefined) return `the variable ${strange} is not known`;
  const kept = written.cacheKey ? readKeptAnswers(written.cacheKey, written.cacheDuration ?? '') : undefined;
  if (typeof kept === 'string') return kept;
  return {
    scheme,
    host,
    port: port === undefined ? { http: 80, https: 443 }[scheme] : Number(port),
    path: path.startsWith('/') ? path : `/${path}`,
    method: method || undefined,
    signin: signin ? signinUrl(signin, signinParameter || 'rd') : undefined,
    redirect,
    requestHeaders: Object.entries(written.requestHeaders).map(([name, value]) => ({ name: name.toLowerCase(), value })),
    copiedHeaders: written.copiedHeaders.map((name) => name.toLowerCase()),
    setsCookiesAlways: written.setsCookiesAlways,
    kept,
  };
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

/** The address with the parameter that brings the client back, unless it has it already. */
function signinUrl(written: string, parameter: string): string {
  const query = written.includes('?') ? new URLSearchParams(written.slice(written.indexOf('?') + 1)) : new URLSearchParams();
  if (query.get(parameter)) return written;
  return `${written}${query.size === 0 ? '?' : '&'}${parameter}=$pass_access_scheme://$http_host$escaped_request_uri`;
}

/** The headers of a ConfigMap, as `auth-proxy-set-headers` names it. A text: why they cannot be had. */
export function headersOfConfigMap(reader: AnnotationReader, reference: string): Readonly<Record<string, string>> | string {
  const [first = '', second, ...rest] = reference.split('/');
  const [namespace, name] = second === undefined ? [reader.namespace, first] : [first, second];
  if (name === '' || rest.length > 0) return `${JSON.stringify(reference)} is no name of a ConfigMap`;
  if (namespace !== reader.namespace && !reader.controller.value('allow-cross-namespace-resources')) {
    return `the ConfigMap ${reference} is of another namespace, which \`allow-cross-namespace-resources\` does not allow`;
  }
  return reader.view.get('ConfigMap', namespace, name)?.object.data ?? `there is no ConfigMap ${namespace}/${name}`;
}
