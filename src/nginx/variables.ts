/** Variables of nginx that Sluice knows in texts, besides `http_NAME`, a header of the request, and `cookie_NAME`. */
const known = new Set([
  'args',
  'escaped_request_uri',
  'host',
  'http_host',
  'pass_access_scheme',
  'remote_addr',
  'remote_user',
  'request_method',
  'request_uri',
  'scheme',
  'uri',
]);

/** The first variable of a text that Sluice does not know; undefined where there is none. */
export function unknownVariable(text: string): string | undefined {
  for (const [, name = ''] of text.matchAll(/\$\{?(\w*)\}?/g)) if (!known.has(name) && !/^(http|cookie)_\w+$/.test(name)) return `$${name}`;
  return undefined;
}
