/** Variables of nginx, and of the template of ingress-nginx, that Envoy has something for. */
export const textVariables = [
  'args',
  'best_http_host',
  'content_length',
  'content_type',
  'document_uri',
  'host',
  'http_host',
  'ingress_name',
  'location_path',
  'namespace',
  'pass_access_scheme',
  'query_string',
  'realip_remote_addr',
  'remote_addr',
  'remote_port',
  'req_id',
  'request_id',
  'request_method',
  'request_uri',
  'scheme',
  'server_port',
  'server_protocol',
  'service_name',
  'service_port',
  'ssl_cipher',
  'ssl_protocol',
  'ssl_server_name',
  'the_real_ip',
  'uri',
] as const;

/** Beginnings of those whose names say what they name. */
export const namedVariables = ['arg_', 'cookie_', 'http_'] as const;

const known: ReadonlySet<string> = new Set(textVariables);

function isKnown(variable: string): boolean {
  return known.has(variable) || namedVariables.some((start) => variable.startsWith(start) && variable.length > start.length);
}

/** Whether it is a group of the path of a location. */
export function isGroup(variable: string): boolean {
  return /^[1-9]$/.test(variable);
}

/** A text for a header, with variables between, by their names. */
export type TextWithVariables = readonly (string | { readonly variable: string })[];

/** Reads one. A text: why it cannot be had. @param knows whether it may have a variable that others may not. */
export function readTextWithVariables(text: string, knows: (variable: string) => boolean = () => false): TextWithVariables | string {
  if (/[^\t\x20-\x7e\x80-\u{10ffff}]/u.test(text)) return 'the value has characters that no header has';
  const parts: (string | { readonly variable: string })[] = [];
  for (const [found, braced, plain] of text.matchAll(/\$\{(\w+)\}|\$([1-9]|\w+)|[^$]+|\$/g)) {
    const variable = braced ?? plain;
    if (variable === undefined && found === '$') return 'a `$` names no variable';
    if (variable !== undefined && !isKnown(variable) && !knows(variable)) return `Envoy has nothing for the variable $${variable}`;
    parts.push(variable === undefined ? found : { variable });
  }
  return parts;
}
