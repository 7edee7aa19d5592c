import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure } from './measurement.ts';
import { report } from './report.ts';

/** `npm run bench:translate [-- INGRESSES HOSTS]`: Ingresses from files to the first snapshot, and one that changes, beside what the YAML alone costs. */
const [ingresses = 10_000, hosts = Math.ceil(ingresses / 5)] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  console.log(report(measure(folder, ingresses, hosts, 200)));
} finally {
  rmSync(folder, { recursive: true });
}
