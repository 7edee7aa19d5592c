import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type CertificateAndKey, type CertificateSubject, createAuthority, issueCertificate } from '../tls/authority.ts';
import { checkKeyMaterial } from '../tls/key-material.ts';
import { adminUri, groupUri } from '../trust-domain.ts';
import { envoySecrets } from './envoy-secrets.ts';
import { LaunchError } from './launch-error.ts';

export interface CertificatesOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** Names and addresses by which clients reach the server, at least one; the first is its common name. */
  readonly serverNames: readonly string[];
  readonly groups: readonly string[];
  /** One more, for tools that ask what all clients have. */
  readonly admin: boolean;
  readonly trustDomain: string;
  /** How long certificates are valid; the authority is for ten years. */
  readonly days: number;
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

const authorityDays = 3650;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Makes an authority, and certificates of it for the server and for each group, with the files that Envoys read. What is there
 * and good for another third of its time stays, so that it can be called again and again.
 * @throws {LaunchError} where a group has no name for a folder, or the authority that is there is broken or about to end.
 */
export async function makeCertificates(options: CertificatesOptions): Promise<readonly CertificateOutcome[]> {
  const { folder, serverNames, trustDomain } = options;
  for (const group of options.groups) checkGroup(group);
  const authority = await authorityIn(join(folder, 'authority'), options);
  const outcomes = [outcome(join(folder, 'authority'), authority.pair, authority.isNew)];

  async function leaf(path: string, subject: CertificateSubject): Promise<void> {
    const kept = options.renew ? undefined : await keptIn(path, subject, authority.pair, options.now);
    const pair = kept ?? (await issueCertificate(authority.pair, subject, { now: options.now, days: daysOf(options, authority.pair) }));
    // Written in any case: the authority may be another than when the rest was made.
    const envoy = Object.entries(subject.usage === 'client' ? envoySecrets({ ...pair, authority: authority.pair.certificate }) : {});
    await write(path, [
      ['tls.crt', pair.certificate],
      ['tls.key', pair.key],
      ['ca.crt', authority.pair.certificate],
      ...envoy.map(([name, value]) => [name, `${JSON.stringify(value, null, 2)}\n`] as const),
    ]);
    outcomes.push(outcome(path, pair, kept === undefined));
  }

  await leaf(join(folder, 'server'), { commonName: serverNames[0] ?? 'sluice', usage: 'server', names: serverNames });
  for (const group of options.groups) {
    // A common name has 64 characters at most; the URI is what counts.
    const subject: CertificateSubject = { commonName: group.slice(0, 64), usage: 'client', names: [groupUri(trustDomain, group)] };
    await leaf(join(folder, 'groups', ...group.split('/')), subject);
  }
  if (options.admin) await leaf(join(folder, 'admin'), { commonName: 'admin', usage: 'client', names: [adminUri(trustDomain)] });
  return outcomes;
}

function checkGroup(group: string): void {
  if (/^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/.test(group)) return;
  throw new LaunchError(
    `the group ${JSON.stringify(group)} has no name that a folder can have`,
    'Letters, digits, dots, dashes and underscores, parts joined by /.',
  );
}

async function authorityIn(path: string, { now, trustDomain }: CertificatesOptions): Promise<{ readonly pair: CertificateAndKey; readonly isNew: boolean }> {
  const found = await pairIn(path);
  if (!found) {
    const pair = await createAuthority(`Sluice xDS authority of ${trustDomain}`, { now, days: authorityDays });
    await write(path, [
      ['tls.crt', pair.certificate],
      ['tls.key', pair.key],
    ]);
    return { pair, isNew: true };
  }
  const problem = checkKeyMaterial({ certificateChain: found.certificate, privateKey: found.key, clientAuthorities: found.certificate });
  if (problem)
    throw new LaunchError(`the authority in ${path} cannot be used: its ${problem.part} ${problem.problem}`, 'Move it away to begin with a new one.');
  if (endOf(found) - now < dayMs) {
    throw new LaunchError(
      `the authority in ${path} ends at ${new Date(endOf(found)).toISOString()}`,
      'Begin with a new one in another folder, and let both be trusted until every certificate is replaced.',
    );
  }
  return { pair: found, isNew: false };
}

/** What is there and need not be made again: of this authority, for these names, and good for a third of its time and more. */
async function keptIn(path: string, { usage, names }: CertificateSubject, authority: CertificateAndKey, now: number): Promise<CertificateAndKey | undefined> {
  const found = await pairIn(path);
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

async function pairIn(path: string): Promise<CertificateAndKey | undefined> {
  try {
    const [certificate, key] = await Promise.all([readFile(join(path, 'tls.crt'), 'utf8'), readFile(join(path, 'tls.key'), 'utf8')]);
    return { certificate, key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Each by rename, so that none is ever read half; what is there already is left alone. Only their owner may read them. */
async function write(path: string, files: readonly (readonly [name: string, text: string])[]): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  for (const [name, text] of files) {
    const file = join(path, name);
    if ((await readFile(file, 'utf8').catch(() => undefined)) === text) continue;
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
}

/** No certificate outlives its authority. */
function daysOf({ days, now }: CertificatesOptions, authority: CertificateAndKey): number {
  return Math.min(days, (endOf(authority) - now) / dayMs);
}

const endOf = ({ certificate }: CertificateAndKey): number => Date.parse(new X509Certificate(certificate).validTo);

function outcome(path: string, pair: CertificateAndKey, isNew: boolean): CertificateOutcome {
  const { subject, subjectAltName } = new X509Certificate(pair.certificate);
  return { path, isNew, names: subjectAltName ?? subject ?? '', notAfter: endOf(pair) };
}
