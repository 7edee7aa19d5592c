import { BlockList, isIP } from 'node:net';
import { ClusterAccessError } from './api-error.ts';

/** What says which requests go through a proxy. */
type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy on the way to an API server, found as kubectl finds it: `proxy-url` of the cluster, else `HTTPS_PROXY` (`HTTP_PROXY`
 * for plain HTTP) unless `NO_PROXY` names the server or it is on loopback. SOCKS only by `proxy-url`.
 * @param written `proxy-url`.
 * @returns undefined: there is none.
 * @throws {ClusterAccessError} for what is no URL of a proxy, or of a kind that cannot be used.
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
export function proxyOf(server: URL, written: string | undefined, env: ProxyEnvironment): URL | undefined {
  if (written) return proxyUrl(written, 'proxy-url of the kubeconfig', [...http, ...socks]);
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const given = variable(env, name);
  return given && !isDirect(server, variable(env, 'NO_PROXY') ?? '') ? proxyUrl(given, name, http) : undefined;
}

const variable = (env: ProxyEnvironment, name: string): string | undefined => env[name] || env[name.toLowerCase()] || undefined;

const http = ['http:', 'https:'];
const socks = ['socks4:', 'socks4a:', 'socks5:', 'socks5h:'];

function proxyUrl(text: string, from: string, schemes: readonly string[]): URL {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  // The text may hold a password.
  if (!url?.hostname) throw new ClusterAccessError(`${from} is not the URL of a proxy`);
  if (schemes.includes(url.protocol)) return url;
  const known = schemes.map((one) => one.slice(0, -1)).join(', ');
  throw new ClusterAccessError(`${from} names a proxy of the kind ${url.protocol.slice(0, -1)}; it may be of ${known}`);
}

/** Whether a server is asked without the proxy of the environment. */
function isDirect(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || contains(loopback, host)) return true;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && isMeant(entry, host, port));
}

function isMeant(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [network = '', bits] = entry.split('/');
  if (bits !== undefined) return contains(networkOf(network, Number(bits)), host);
  const [, name = entry, ofPort] = isIP(entry) ? [] : (/^(.*?):(\d+)$/.exec(entry) ?? []);
  if (ofPort !== undefined && ofPort !== port) return false;
  const plain = name.replace(/^\[|\]$/g, '').replace(/^\*(?=\.)/, '');
  if (plain.startsWith('.')) return host.endsWith(plain);
  return host === plain || (!isIP(plain) && host.endsWith(`.${plain}`));
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** What is no network holds no address. */
function networkOf(address: string, bits: number): BlockList {
  const list = new BlockList();
  const family = isIP(address);
  if (family !== 0 && Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128)) list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  return list;
}

const contains = (list: BlockList, host: string): boolean => isIP(host) !== 0 && list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
