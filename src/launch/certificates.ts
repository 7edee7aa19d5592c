import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type Authorities, followingAuthorities, trustedBy } from '../tls/authorities.ts';
import { type CertificateAndKey, type CertificateSubject, isSigningKey, issueCertificate } from '../tls/authority.ts';
import { checkKeyMaterial, type KeyMaterialProblem } from '../tls/key-material.ts';
import { adminUri, groupUri } from '../trust-domain.ts';
import { envoySecrets } from './envoy-secrets.ts';
import type { KeyStore, KeyTexts } from './key-store.ts';
import { LaunchError } from './launch-error.ts';

export interface CertificatesOptions {
  readonly store: KeyStore;
  /** Names and addresses by which clients reach the server, at least one; the first is its common name. */
  readonly serverNames: readonly string[];
  readonly groups: readonly string[];
  /** One more, for tools that ask what all clients have. */
  readonly admin: boolean;
  readonly trustDomain: string;
  /** How long certificates are valid. */
  readonly days: number;
  /** How long an authority is. */
  readonly authorityDays: number;
  /** Make all but the authority anew, however long the old ones are still valid. */
  readonly renew: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What became of one certificate. */
export interface CertificateOutcome {
  readonly path: string;
  readonly isNew: boolean;
  readonly names: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Makes an authority, and certificates of it for the server and for each group, with the files that Envoys read. What is there
 * and good for another third of its time stays, so that it can be called again and again; authorities follow each other as
 * `followingAuthorities` says.
 * @throws {LaunchError} where a group has no name for a folder, or the authority that is there is broken.
 */
export async function makeCertificates(options: CertificatesOptions): Promise<readonly CertificateOutcome[]> {
  const { store, serverNames, trustDomain } = options;
  for (const group of options.groups) checkGroup(group);
  const { authorities, isNew } = await authoritiesOf(options);
  const outcomes = [outcome(store.nameOf('authority'), authorities.current, isNew)];

  async function leaf(path: string, subject: CertificateSubject): Promise<void> {
    const held = options.renew ? {} : await store.read(path, ['tls.crt', 'tls.key']);
    const { pair, isNew, texts } = await certificateFor(subject, held, { authorities, days: options.days, now: options.now });
    // Written in any case: the authorities may be others than when the rest was made.
    await store.write(path, texts);
    outcomes.push(outcome(store.nameOf(path), pair, isNew));
  }

  await leaf('server', { commonName: (serverNames[0] ?? 'sluice').slice(0, 64), usage: 'server', names: serverNames });
  for (const group of options.groups) await leaf(`groups/${group}`, groupSubject(trustDomain, group));
  if (options.admin) await leaf('admin', { commonName: 'admin', usage: 'client', names: [adminUri(trustDomain)] });
  return outcomes;
}

/** Whom the certificate of a group is for. A common name has 64 characters at most; the URI is what counts. */
export function groupSubject(trustDomain: string, group: string): CertificateSubject {
  return { commonName: group.slice(0, 64), usage: 'client', names: [groupUri(trustDomain, group)] };
}

/**
 * A certificate, and all files of whom it is for by name. What is held stays where it is of the authority of now, for these names,
 * and good for a third of its time and more.
 * @param held `tls.crt` and `tls.key`, as far as they are there.
 */
export async function certificateFor(
  subject: CertificateSubject,
  held: KeyTexts,
  { authorities, days, now }: { readonly authorities: Authorities; readonly days: number; readonly now: number },
): Promise<{ readonly pair: CertificateAndKey; readonly isNew: boolean; readonly texts: KeyTexts }> {
  const { current } = authorities;
  const kept = keptOf(held, subject, current, now);
  // No certificate outlives its authority.
  const pair = kept ?? (await issueCertificate(current, subject, { now, days: Math.min(days, (endOf(current) - now) / dayMs) }));
  const trusted = trustedBy(authorities);
  const envoy = Object.entries(subject.usage === 'client' ? envoySecrets({ ...pair, authority: trusted }) : {});
  const files = Object.fromEntries(envoy.map(([name, value]) => [name, `${JSON.stringify(value, null, 2)}\n`]));
  return { pair, isNew: kept === undefined, texts: { 'tls.crt': pair.certificate, 'tls.key': pair.key, 'ca.crt': trusted, ...files } };
}

function checkGroup(group: string): void {
  if (/^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/.test(group)) return;
  throw new LaunchError(
    `the group ${JSON.stringify(group)} has no name that a folder can have`,
    'Letters, digits, dots, dashes and underscores, parts joined by /.',
  );
}

/** Reads the authorities, and takes them as far as they are by now. */
async function authoritiesOf({
  store,
  now,
  trustDomain,
  authorityDays,
}: CertificatesOptions): Promise<{ readonly authorities: Authorities; readonly isNew: boolean }> {
  const held = await heldAuthorities(store);
  const authorities = await followingAuthorities(held, { commonName: `Sluice xDS authority of ${trustDomain}`, days: authorityDays, now });
  const { current, next, previous } = authorities;
  // In this order: where it is cut off between the two parts of the current pair, the next one is still there to begin with.
  await store.write('authority', {
    'previous.crt': previous,
    'tls.crt': current.certificate,
    'tls.key': current.key,
    'next.key': next?.key,
    'next.crt': next?.certificate,
  });
  return { authorities, isNew: current.certificate !== held?.current.certificate };
}

/**
 * The authorities that a store has. Undefined: none yet.
 * @throws {LaunchError} where the current one is broken.
 */
export async function heldAuthorities(store: Pick<KeyStore, 'nameOf' | 'read'>): Promise<Authorities | undefined> {
  const texts = await store.read('authority', ['tls.crt', 'tls.key', 'next.crt', 'next.key', 'previous.crt']);
  const pair = pairOf(texts['tls.crt'], texts['tls.key']);
  if (!pair) return undefined;
  const coming = pairOf(texts['next.crt'], texts['next.key']);
  const next = coming && !problemOf(coming) ? coming : undefined;
  const previous = texts['previous.crt'] === undefined ? {} : { previous: texts['previous.crt'] };
  const problem = problemOf(pair);
  // The last run was cut off while the next one took its place.
  if (next?.certificate === pair.certificate) return { current: next, ...previous };
  if (!problem) return { current: pair, ...(next && { next }), ...previous };
  throw new LaunchError(
    `the authority in ${store.nameOf('authority')} cannot be used: its ${problem.part} ${problem.problem}`,
    'Take it away to begin with a new one.',
  );
}

function problemOf({ certificate, key }: CertificateAndKey): KeyMaterialProblem | undefined {
  const problem = checkKeyMaterial({ certificateChain: certificate, privateKey: key, clientAuthorities: certificate });
  if (problem || isSigningKey(key)) return problem;
  return { part: 'privateKey', problem: 'is none of ECDSA on P-256, which is what Sluice signs with' };
}

/** What is there and need not be made again: of this authority, for these names, and good for a third of its time and more. */
function keptOf(held: KeyTexts, { usage, names }: CertificateSubject, authority: CertificateAndKey, now: number): CertificateAndKey | undefined {
  const found = pairOf(held['tls.crt'], held['tls.key']);
  if (!found || checkKeyMaterial({ certificateChain: found.certificate, privateKey: found.key })) return undefined;
  const certificate = new X509Certificate(found.certificate);
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const isFor = isExactlyFor(certificate, names) && certificate.keyUsage?.includes(usageIds[usage]);
  const isGood = isFor && certificate.verify(new X509Certificate(authority.certificate).publicKey) && now >= from && to - now > (to - from) / 3;
  return isGood ? found : undefined;
}

/** Object identifiers of extended key usages, as Node tells them. */
const usageIds = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

function isExactlyFor(certificate: X509Certificate, names: readonly string[]): boolean {
  const found = certificate.subjectAltName?.split(', ') ?? [];
  // An IPv6 address has more than one spelling.
  const has = (name: string): boolean =>
    isIP(name) === 0 ? found.includes(`${name.includes('://') ? 'URI' : 'DNS'}:${name}`) : certificate.checkIP(name) !== undefined;
  return found.length === names.length && names.every(has);
}

/** An empty text is none: Secrets begin so. */
const pairOf = (certificate: string | undefined, key: string | undefined): CertificateAndKey | undefined =>
  certificate && key ? { certificate, key } : undefined;

const endOf = ({ certificate }: CertificateAndKey): number => Date.parse(new X509Certificate(certificate).validTo);

function outcome(path: string, pair: CertificateAndKey, isNew: boolean): CertificateOutcome {
  const { subject, subjectAltName } = new X509Certificate(pair.certificate);
  return { path, isNew, names: subjectAltName ?? subject ?? '', notAfter: endOf(pair) };
}
