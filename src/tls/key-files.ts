import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { reasonOf } from '../reason.ts';
import { certificateInfos, checkKeyMaterial, type KeyFilePaths, type KeyMaterial, type KeyMaterialProblem } from './key-material.ts';
import { validityDiagnostics } from './validity.ts';

/** Key material that follows its files. */
export interface KeyFiles {
  /** The newest that is good. */
  current(): KeyMaterial;
  /** Calls for each that replaces it; returns the function that ends that. */
  subscribe(onChange: (material: KeyMaterial) => void): () => void;
  /** `TlsFilesBroken` while the files hold something else that cannot be used, `TlsCertificateExpiring` by this moment. */
  diagnostics(): readonly Diagnostic[];
  /** Reads no more. */
  stop(): void;
}

/** Which files, and how they are followed. */
export interface KeyFilesOptions {
  readonly paths: KeyFilePaths;
  readonly clock: Clock;
  readonly log: Logger;
  /** How often the files are read. */
  readonly everyMs?: number;
}

/**
 * Reads the files, and again every second: whatever replaces them, by rename, in place, through the links of a Kubernetes
 * mount, is seen in the same way. What was read counts when the next look finds the same, so that files which are written one
 * after the other, or are half written, are never taken together; what is bad then is reported, and the last good stays.
 * @throws {Error} where the files are not good at the first look.
 */
export async function openKeyFiles({ paths, clock, log, everyMs = 1000 }: KeyFilesOptions): Promise<KeyFiles> {
  const listeners = new Set<(material: KeyMaterial) => void>();
  const read = async (): Promise<KeyMaterial> => {
    const [certificateChain, privateKey, clientAuthorities] = await Promise.all([
      readFile(paths.certificateChain, 'utf8'),
      readFile(paths.privateKey, 'utf8'),
      paths.clientAuthorities === undefined ? undefined : readFile(paths.clientAuthorities, 'utf8'),
    ]);
    return { certificateChain, privateKey, ...(clientAuthorities === undefined ? {} : { clientAuthorities }) };
  };
  const cannot = (why: string, cause?: unknown): Error => new Error(`TLS for xDS cannot be set up: ${why}`, { cause });
  const inWords = ({ part, problem }: KeyMaterialProblem): string => `${paths[part]} ${problem}`;

  let current = await read().catch((error: unknown) => {
    throw cannot(reasonOf(error), error);
  });
  const first = checkKeyMaterial(current);
  if (first) throw cannot(inWords(first));
  let seen = keyOf(current);
  let settled = seen;
  let broken: string | undefined;
  let isStopped = false;

  async function look(): Promise<void> {
    const found = await read().then(
      (material) => ({ material, key: keyOf(material) }),
      (error: unknown) => ({ problem: reasonOf(error), key: String(error) }),
    );
    const isSame = found.key === seen;
    seen = found.key;
    if (isStopped || !isSame || found.key === settled) return;
    settled = found.key;
    const problem = 'problem' in found ? found.problem : problemOf(found.material);
    broken = problem;
    if (problem !== undefined) log.error({ reason: problem }, 'new TLS files of xDS cannot be used; the last good ones stay in use');
    else if ('material' in found) use(found.material);
  }

  function problemOf(material: KeyMaterial): string | undefined {
    const problem = checkKeyMaterial(material);
    return problem && inWords(problem);
  }

  function use(material: KeyMaterial): void {
    if (keyOf(material) === keyOf(current)) return;
    current = material;
    const [certificate] = certificateInfos(material.certificateChain);
    log.info(certificate && { ...certificate, notAfter: new Date(certificate.notAfter).toISOString() }, 'TLS files of xDS changed: new connections use them');
    for (const listener of listeners) listener(material);
  }

  let cancel = clock.after(everyMs, again);
  function again(): void {
    void look().then(() => {
      if (!isStopped) cancel = clock.after(everyMs, again);
    });
  }

  return {
    current: () => current,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    diagnostics() {
      const remedy = 'Write a certificate, the key that belongs to it and the authorities, best all at once: into another folder, then by a link.';
      const message = `The TLS files of xDS cannot be used, so those read last stay in use: ${broken}.`;
      const found = broken === undefined ? [] : [diagnostic('TlsFilesBroken', { file: paths.certificateChain }, message, remedy)];
      return [...found, ...validityDiagnostics(current, paths, clock.now())];
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

const keyOf = ({ certificateChain, privateKey, clientAuthorities = '' }: KeyMaterial): string => [certificateChain, privateKey, clientAuthorities].join('\0');
