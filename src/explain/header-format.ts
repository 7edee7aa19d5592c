import { celValue } from './cel-value.ts';

/** Headers by their names in lower case; the pseudo-headers too. */
export type Headers = ReadonlyMap<string, string>;

/** What values of headers are made of. */
export interface FormatInput {
  readonly headers: Headers;
  /** The address that counts by now. */
  readonly client: string;
  /** Who connects, also where a PROXY header names another. */
  readonly peer: string;
  /** The port that the client asked for, which a PROXY header names as well. */
  readonly port: number;
}

/** One operator, or a doubled `%`, which is one. */
const operator = /%%|%([A-Z_]+)(?:\((.*?)\))?(?::(\d+))?%/g;
/**
 * A value as Envoy writes it; what is not there is empty. An operator that says nothing of the way of a request stays as it is.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */
export function formatted(text: string, input: FormatInput): string {
  return text.replaceAll(operator, (written, command?: string, argument?: string, length?: string) => {
    if (command === undefined) return '%';
    const value = operatorValue(command, argument ?? '', input) ?? written;
    return length === undefined ? value : value.slice(0, Number(length));
  });
}

function operatorValue(command: string, argument: string, { headers, client, peer, port }: FormatInput): string | undefined {
  if (command === 'REQ') return headerOf(headers, argument);
  if (command === 'CEL') return celValue(argument, headers);
  if (command === 'DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT') return client;
  if (command === 'DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT') return peer;
  return command === 'DOWNSTREAM_LOCAL_PORT' ? String(port) : undefined;
}

/** `NAME`, or `NAME?OTHER` for the other one where the first is not there. */
function headerOf(headers: Headers, argument: string): string {
  const names = argument.toLowerCase().split('?');
  return names.map((name) => headers.get(name)).find((value) => value !== undefined) ?? '';
}
