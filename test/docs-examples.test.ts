import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { selfSigned } from '../examples/quickstart/backends/self-signed.ts';
import { tlsSecretYaml } from './e2e/certificate.ts';
import { sluice } from './e2e/sluice.ts';

const docs = join(import.meta.dirname, '../docs');

/** What a page says to have besides: certificates are in no page. */
async function certificates(): Promise<string> {
  const { certificate } = await selfSigned(['company-ca.example'], Date.now());
  const authority = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'company-ca' }, data: { 'ca.crt': certificate } });
  const hosts = ['shop.example', 'admin.shop.example'];
  const secrets = ['shop-certificate', 'admin-certificate', 'gateway-client'].map((name) => tlsSecretYaml(name, hosts));
  return [...(await Promise.all(secrets)), `\n${authority}`].join('\n---');
}

/** The YAML of each page is one folder that can be served as it stands. */
describe('objects in the documentation', () => {
  for (const page of globSync('*.md', { cwd: docs }).sort()) {
    const blocks = [...readFileSync(join(docs, page), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block);
    if (blocks.length === 0) continue;
    test(page, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-docs-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      writeFileSync(join(folder, 'page.yaml'), blocks.join('---\n'));
      if (page === 'tls.md') writeFileSync(join(folder, 'certificates.yaml'), await certificates());
      const { status, stdout, stderr } = await sluice(['lint', '--strict', folder]);
      assert.deepEqual([status, stdout.trim(), stderr], [0, 'no problems', '']);
    });
  }
});
