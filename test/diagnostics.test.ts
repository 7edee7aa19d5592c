import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DiagnosticCode, diagnosticCodes } from '../src/diagnostic.ts';

const root = join(import.meta.dirname, '..');

/** Codes that no golden case can show, as they need a clock, a file system, a change over time or hundreds of objects: the test that shows each. */
const shownElsewhere: Partial<Record<DiagnosticCode, string>> = {
  CertificateExpired: 'src/translate/tls.test.ts',
  CertificateNotYetValid: 'src/translate/tls.test.ts',
  ChangeHeld: 'src/engine/engine.test.ts',
  ClientsHidden: 'src/status/hidden-clients.test.ts',
  FileTooLarge: 'src/source/files.test.ts',
  FileUnreadable: 'src/source/files.test.ts',
  InvalidForm: 'src/store/store.test.ts',
  InvalidOption: 'src/config/read-config.test.ts',
  KindForbidden: 'test/kubernetes/source.test.ts',
  KindMissing: 'test/kubernetes/gone.test.ts',
  MostEndpointsYoung: 'src/engine/warm-up.test.ts',
  NothingTranscoded: 'src/translate/transcoding.test.ts',
  PortRefusedByEnvoy: 'src/status/refusal-diagnostics.test.ts',
  ProvisioningFailed: 'test/kubernetes/provisioning.test.ts',
  ProvisioningOff: 'src/provision/gateways.test.ts',
  RefusedByEnvoy: 'src/status/refusal-diagnostics.test.ts',
  ResourceInvalid: 'src/revision/quarantine.test.ts',
  SecretNotStored: 'src/engine/engine.test.ts',
  SessionsNotKept: 'src/translate/traffic/session-keys.test.ts',
  SourceUnavailable: 'src/source/files.test.ts',
  StateKeyUnusable: 'src/state/folder.test.ts',
  StateUnreadable: 'src/state/folder.test.ts',
  StateUnwritable: 'src/state/history.test.ts',
  TlsCertificateExpiring: 'src/tls/validity.test.ts',
  TlsFilesBroken: 'src/tls/key-files.test.ts',
  TranscoderConflict: 'src/translate/transcoding.test.ts',
};

const golden = new Set(
  globSync(join(root, 'test/golden/**/*.out.yaml')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^ {2}- code: (\w+)$/gm)].map(([, code]) => code as DiagnosticCode),
  ),
);
const codes = Object.keys(diagnosticCodes) as DiagnosticCode[];

for (const code of codes) {
  const elsewhere = shownElsewhere[code];
  test(`${code} is shown by ${elsewhere ?? 'a golden case'}`, () => {
    if (elsewhere === undefined) assert.ok(golden.has(code), 'no test/golden/**/*.out.yaml has it');
    else assert.match(readFileSync(join(root, elsewhere), 'utf8'), new RegExp(`\\b${code}\\b`));
  });
}

test('what a golden case shows is not listed as shown elsewhere', () => {
  assert.deepEqual(
    Object.keys(shownElsewhere).filter((code) => golden.has(code as DiagnosticCode)),
    [],
  );
});

test('the codes stand in alphabetical order', () => {
  assert.deepEqual(codes, codes.toSorted());
});
