import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { waitFor } from '../../test/e2e/wait.ts';
import { systemClock } from '../clock.ts';
import { createAuthority, issueCertificate } from './authority.ts';
import { type KeyFiles, openKeyFiles } from './key-files.ts';

const oftenMs = 20;
const lifetime = { now: Date.now(), days: 30 };
const authority = await createAuthority('test', { ...lifetime, days: 300 });
const pair = () => issueCertificate(authority, { commonName: 'sluice', usage: 'server', names: ['sluice'] }, lifetime);

async function open(everyMs = oftenMs) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-tls-'));
  const paths = { certificateChain: join(folder, 'cert.pem'), privateKey: join(folder, 'key.pem'), clientAuthorities: join(folder, 'ca.pem') };
  const first = await pair();
  await writeFile(paths.certificateChain, first.certificate);
  await writeFile(paths.privateKey, first.key);
  await writeFile(paths.clientAuthorities, authority.certificate);
  const lines: { msg: string; reason?: string }[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const start = (): Promise<KeyFiles> => openKeyFiles({ paths, clock: systemClock, log, everyMs });
  let files: KeyFiles | undefined;
  return {
    paths,
    first,
    lines,
    start: async () => (files = await start()),
    [Symbol.asyncDispose]: async () => {
      files?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Long enough for several looks. */
const aWhile = (): Promise<void> => sleep(oftenMs * 8);

test('a new pair is told once it is whole; a half of it is not', async () => {
  await using bed = await open();
  const files = await bed.start();
  const told: string[] = [];
  files.subscribe(({ certificateChain }) => told.push(certificateChain));
  const second = await pair();
  await writeFile(bed.paths.certificateChain, second.certificate);
  await writeFile(bed.paths.privateKey, second.key);
  await waitFor('it is told', () => told.length > 0);
  assert.deepEqual(told, [second.certificate]);
  assert.equal(files.current().privateKey, second.key);
  assert.deepEqual(files.diagnostics(), []);
});

const broken: readonly (readonly [string, (bed: Awaited<ReturnType<typeof open>>) => Promise<void>, RegExp])[] = [
  ['a key of another certificate', async ({ paths }) => writeFile(paths.privateKey, (await pair()).key), /key\.pem holds a key that does not belong/],
  ['half a certificate', ({ paths, first }) => writeFile(paths.certificateChain, first.certificate.slice(0, 300)), /cert\.pem does not hold certificates/],
  ['no key', ({ paths }) => writeFile(paths.privateKey, ''), /key\.pem does not hold a private key/],
  [
    'an authority that is none',
    ({ paths, first }) => writeFile(paths.clientAuthorities, first.certificate),
    /ca\.pem holds a certificate that is not that of an auth/,
  ],
  ['a file that is gone', ({ paths }) => rm(paths.certificateChain), /ENOENT.*cert\.pem/],
];
for (const [name, breaks, says] of broken) {
  test(`${name}: the last good stays, TlsFilesBroken says so until it is good again`, async () => {
    await using bed = await open();
    const files = await bed.start();
    let told = 0;
    files.subscribe(() => told++);
    await breaks(bed);
    await waitFor('it is reported', () => files.diagnostics().length > 0);
    const [found] = files.diagnostics();
    assert.equal(found?.code, 'TlsFilesBroken');
    assert.match(found?.message ?? '', says);
    assert.equal(files.current().certificateChain, bed.first.certificate);
    await aWhile();
    assert.equal(bed.lines.filter(({ msg }) => /cannot be used/.test(msg)).length, 1, 'one line of log');
    await writeFile(bed.paths.certificateChain, bed.first.certificate);
    await writeFile(bed.paths.privateKey, bed.first.key);
    await writeFile(bed.paths.clientAuthorities, authority.certificate);
    await waitFor('it is good again', () => files.diagnostics().length === 0);
    assert.equal(told, 0, 'nothing new was told');
  });
}

test('what is there for a moment only is not reported', async () => {
  await using bed = await open(200);
  const files = await bed.start();
  const second = await pair();
  await writeFile(`${bed.paths.certificateChain}.new`, second.certificate);
  await writeFile(`${bed.paths.privateKey}.new`, second.key);
  renameSync(`${bed.paths.certificateChain}.new`, bed.paths.certificateChain);
  renameSync(`${bed.paths.privateKey}.new`, bed.paths.privateKey);
  await waitFor('it is used', () => files.current().certificateChain === second.certificate);
  assert.equal(bed.lines.filter(({ msg }) => /cannot be used/.test(msg)).length, 0);
});

test('bad files at the start are an error that names the file', async () => {
  await using bed = await open();
  await writeFile(bed.paths.privateKey, (await pair()).key);
  await assert.rejects(bed.start(), /TLS for xDS cannot be set up: .*key\.pem holds a key that does not belong to the certificate/);
});

test('so are missing ones', async () => {
  await using bed = await open();
  await rm(bed.paths.privateKey);
  await assert.rejects(bed.start(), /TLS for xDS cannot be set up: ENOENT.*key\.pem/);
});
