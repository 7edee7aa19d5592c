import { isIP } from 'node:net';
import type { Decoded } from '../proto/codec.ts';
import { secondsOf } from '../proto/duration-rules.ts';
import type { MessageRule } from '../proto/rules.ts';
import { longestSeconds } from '../proto/values.ts';
import { compileRegex, ownRegexLimit } from '../regex.ts';

/**
 * What Envoy refuses though no field rule of its API says so, by message type. Each was seen in a real Envoy: the test gives it one
 * message for each line here.
 */
export const envoyRules: Readonly<Record<string, MessageRule>> = {
  'google.protobuf.Duration': duration,
  'envoy.type.matcher.v3.RegexMatcher': regex,
  'envoy.config.route.v3.RouteConfiguration': headers,
  'envoy.config.route.v3.VirtualHost': headers,
  'envoy.config.route.v3.Route': headers,
  'envoy.config.route.v3.WeightedCluster': (message, note) => {
    weightedSum(message, note);
    for (const [index, cluster] of listOf(message, 'clusters').entries()) headers(cluster, (rule, ...below) => note(rule, 'clusters', index, ...below));
  },
  'envoy.config.route.v3.RouteAction': (message, note) => {
    if (message['prefix_rewrite'] && message['regex_rewrite']) note('must not be set together with prefix_rewrite', 'regex_rewrite');
    uniqueUpgrades(message, note);
  },
  'envoy.config.route.v3.RetryPolicy.RetryBackOff': backOff,
  'envoy.config.listener.v3.Listener': (message, note) => {
    // The listener of a gRPC client binds nothing.
    if (listOf(message, 'filter_chains').length === 0 && !message['default_filter_chain'] && !message['api_listener'] && !message['udp_listener_config'])
      note('must have at least 1 item', 'filter_chains');
    uniqueFilterChains(message, note);
  },
  'envoy.config.listener.v3.FilterChainMatch': serverNames,
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': uniqueUpgrades,
  'envoy.config.core.v3.HealthCheck.HttpHealthCheck': statusRanges,
};

type Note = Parameters<MessageRule>[1];

const largest32 = 0xffff_ffff;
/** Envoy refuses a whole answer for one. */
function duration(message: Decoded, note: Note): void {
  const nanos = Number(message['nanos']);
  const seconds = secondsOf(message);
  if (seconds < 0 || nanos < 0 || nanos > 999_999_999 || seconds > longestSeconds) note('must be a time from 0 to 292 years');
}

function regex({ regex: pattern }: Decoded, note: Note): void {
  const result = compileRegex(String(pattern));
  if ('error' in result) note(`must be an expression in RE2 syntax (${result.error})`, 'regex');
  else if (result.size > ownRegexLimit) note(`must compile to at most ${ownRegexLimit} instructions, not ${result.size}`, 'regex');
}

const added = ['request_headers_to_add', 'response_headers_to_add'];
const removed = ['request_headers_to_remove', 'response_headers_to_remove'];

/** Routes may not touch what a request is routed by. */
function headers(message: Decoded, note: Note): void {
  for (const field of added) {
    for (const [index, option] of listOf(message, field).entries()) {
      const name = String((option['header'] as Decoded | null)?.['key'] ?? '');
      if (isRouting(name)) note(`must not change the header ${name}`, field, index, 'header', 'key');
    }
  }
  for (const field of removed) {
    for (const [index, name] of ((message[field] ?? []) as readonly string[]).entries()) {
      if (isRouting(name)) note(`must not remove the header ${name}`, field, index);
    }
  }
}

const isRouting = (header: string): boolean => header.startsWith(':') || header.toLowerCase() === 'host';

function weightedSum(message: Decoded, note: Note): void {
  const sum = sumOf(listOf(message, 'clusters').map((cluster) => cluster['weight']));
  if (sum === 0) note('must have a sum of weights above 0', 'clusters');
  if (sum > largest32) note(`must have a sum of weights of at most ${largest32}`, 'clusters');
}

const sumOf = (weights: readonly unknown[]): number => weights.reduce<number>((sum, weight) => sum + Number((weight as Decoded | null)?.['value'] ?? 0), 0);

function uniqueUpgrades(message: Decoded, note: Note): void {
  const seen = new Set<string>();
  for (const [index, { upgrade_type: type }] of listOf(message, 'upgrade_configs').entries()) {
    const key = String(type).toLowerCase();
    if (seen.has(key)) note(`must not hold ${type} twice`, 'upgrade_configs', index);
    seen.add(key);
  }
}

function backOff({ base_interval: base, max_interval: most }: Decoded, note: Note): void {
  if (base && most && secondsOf(most as Decoded) < secondsOf(base as Decoded)) note('must be at least base_interval', 'max_interval');
}

/** Chains of a listener must differ in what they match; a name of a server is a match of its own. */
function uniqueFilterChains(message: Decoded, note: Note): void {
  const seen = new Set<string>();
  for (const [index, chain] of listOf(message, 'filter_chains').entries()) {
    const match = (chain['filter_chain_match'] ?? {}) as Decoded;
    const names = (match['server_names'] ?? []) as readonly string[];
    const rest = JSON.stringify({ ...match, server_names: undefined });
    for (const name of names.length === 0 ? [''] : names) {
      const key = `${name.toLowerCase()} ${rest}`;
      if (seen.has(key)) note(`must not match the same as another chain${name === '' ? '' : `: ${name}`}`, 'filter_chains', index, 'filter_chain_match');
      seen.add(key);
    }
  }
}

function serverNames(message: Decoded, note: Note): void {
  for (const [index, name] of ((message['server_names'] ?? []) as readonly string[]).entries()) {
    if (name.replace(/^\*\./, '').includes('*')) note('must have an asterisk only as its first part', 'server_names', index);
  }
}

function statusRanges(message: Decoded, note: Note): void {
  for (const field of ['expected_statuses', 'retriable_statuses']) {
    for (const [index, { start, end }] of listOf(message, field).entries()) {
      if (!(Number(start) < Number(end) && Number(start) >= 100 && Number(end) <= 600)) note('must be a range of status codes from 100 to 600', field, index);
    }
  }
}

/** The address of an endpoint that comes by EDS is never looked up. */
export function addressesOfEndpoints(assignment: Decoded, note: Note): void {
  for (const [index, locality] of listOf(assignment, 'endpoints').entries()) {
    for (const [position, { endpoint }] of listOf(locality, 'lb_endpoints').entries()) {
      const socket = ((endpoint as Decoded | null)?.['address'] as Decoded | null)?.['socket_address'] as Decoded | null | undefined;
      if (socket && isIP(String(socket['address'])) === 0)
        note('must be an IP address', 'endpoints', index, 'lb_endpoints', position, 'endpoint', 'address', 'socket_address', 'address');
    }
  }
}

function listOf(message: Decoded, field: string): readonly Decoded[] {
  return (message[field] ?? []) as readonly Decoded[];
}
