/** Of a key for tickets: a name of 16 bytes, and 32 for each of HMAC and AES-256; nginx and Envoy have them in the same order. */
const keyBytes = 80;

/** The key in a text of base64. Undefined: it is none that Envoy takes. @see https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_session_ticket_key */
export function ticketKeyIn(text: string): Uint8Array | undefined {
  const written = text.replaceAll(/\s/g, '');
  const key = Buffer.from(written, 'base64');
  return key.length === keyBytes && key.toString('base64') === written ? key : undefined;
}
