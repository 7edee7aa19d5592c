// Makes the Secret of the HTTPS listener: node certificate.ts SECRET NAME... It is written where `sluice up` reads a second
// folder of objects (SLUICE_OBJECTS), with a new key at each start, and is never committed.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSigned, tlsSecret } from './self-signed.ts';

const [secret = '', ...names] = process.argv.slice(2);
const folder = process.env['SLUICE_OBJECTS'];
if (secret === '' || names.length === 0 || folder === undefined) {
  console.error('usage: SLUICE_OBJECTS=DIR node certificate.ts SECRET NAME...');
  process.exit(2);
}
const file = join(folder, `${secret}.yaml`);
writeFileSync(`${file}.new`, tlsSecret(secret, await selfSigned(names, Date.now())), { mode: 0o600 });
renameSync(`${file}.new`, file);
console.log(`wrote ${file}`);
