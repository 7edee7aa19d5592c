import { X509Certificate } from 'node:crypto';
import { type CertificateAndKey, createAuthority } from './authority.ts';

/** The authorities of one trust domain; there are several of them while one takes the place of another. */
export interface Authorities {
  /** Vouches for certificates. */
  readonly current: CertificateAndKey;
  /** Is trusted already, and takes the place of the current one when everybody had time to read it. */
  readonly next?: CertificateAndKey;
  /** The certificate of the one before, PEM: trusted until it ends, as certificates of it may still be shown. Its key is gone. */
  readonly previous?: string;
}

/** How authorities are made, and when. */
export interface AuthoritiesOptions {
  readonly commonName: string;
  /** How long an authority is valid. */
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const dayMs = 24 * 60 * 60 * 1000;
/** `createAuthority` begins this much earlier, for clocks that are behind. */
const hourMs = 60 * 60 * 1000;
/** Everybody who trusts the current authority is given this long to read the next one, or a tenth of the time of an authority. */
const longestNoticeDays = 30;

/**
 * What holds from now on: unchanged, or one step further. A new authority is made when the current one has less than a third of
 * its time left. It is trusted first, and vouches for nothing until a tenth of its time, at most 30 days, is over: so nobody is
 * shown a certificate of an authority that it has not read. Has to be asked more often than that.
 * @param held undefined: there is none yet.
 */
export async function followingAuthorities(held: Authorities | undefined, options: AuthoritiesOptions): Promise<Authorities> {
  const { now, days } = options;
  const fresh = () => createAuthority(options.commonName, { now, days });
  const isOver = ({ certificate }: { readonly certificate: string }) => lifetimeOf(certificate).end <= now;
  if (!held) return { current: await fresh() };
  const previous = held.previous !== undefined && !isOver({ certificate: held.previous }) ? { previous: held.previous } : {};
  const { current, next } = held;
  if (next && !isOver(next)) {
    const wasAnnounced = now - hourMs - lifetimeOf(next.certificate).begin >= Math.min(longestNoticeDays, days / 10) * dayMs;
    if (!wasAnnounced && !isOver(current)) return { current, next, ...previous };
    return { current: next, ...(isOver(current) ? {} : { previous: current.certificate }) };
  }
  if (isOver(current)) return { current: await fresh() };
  const { begin, end } = lifetimeOf(current.certificate);
  return { current, ...previous, ...(end - now < (end - begin) / 3 && { next: await fresh() }) };
}

/** All that are trusted, as one text of PEM. */
export function trustedBy({ current, next, previous = '' }: Authorities): string {
  return `${current.certificate}${next?.certificate ?? ''}${previous}`;
}

function lifetimeOf(pem: string): { readonly begin: number; readonly end: number } {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { begin: Date.parse(validFrom), end: Date.parse(validTo) };
}
