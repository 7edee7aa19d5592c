import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../address.ts';
import { ApiError } from './api-error.ts';

/**
 * Ends calls with `Forbidden` that a browser makes for a page of a stranger. A server on loopback is open to whoever is on
 * this machine, and a browser on this machine runs such pages. So Host must name this machine (a stranger's name that was
 * rebound to 127.0.0.1 does not), Origin, which browsers send with every call that could change something, must be the
 * server itself, and what a browser marks as coming from elsewhere is refused as well.
 * @see https://fetch.spec.whatwg.org/#origin-header
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export const checkCaller: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? '';
  if (!isLoopback(hostnameOf(`http://${host}`))) throw new ApiError('Forbidden', `Host must name this machine, not ${JSON.stringify(host)}`);
  const origin = context.req.header('origin');
  if (origin !== undefined && origin !== `http://${host}`) throw new ApiError('Forbidden', `calls from pages of ${JSON.stringify(origin)} are refused`);
  const site = context.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new ApiError('Forbidden', `calls from other pages (${site}) are refused`);
  await next();
};

/** Ends calls with `Unauthorized` that do not carry the token, `Authorization: Bearer TOKEN`. */
export function checkToken(token: string): MiddlewareHandler {
  const wanted = digest(token);
  return async (context, next) => {
    const given = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), wanted)) return next();
    context.header('www-authenticate', 'Bearer');
    throw new ApiError('Unauthorized', given === undefined ? 'a token is needed: Authorization: Bearer TOKEN' : 'the token is wrong');
  };
}

/** Host of a URL without brackets; `''` where it is no URL. */
function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : '';
}

/** Equal length whatever is given, so that the comparison tells nothing by its time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
