import type { KeyFiles } from '../../src/tls/key-files.ts';
import type { KeyMaterial } from '../../src/tls/key-material.ts';

/** Key material without files, which a test replaces. */
export function createFakeKeyFiles(first: KeyMaterial): KeyFiles & { replace(material: KeyMaterial): void } {
  const listeners = new Set<(material: KeyMaterial) => void>();
  let current = first;
  return {
    current: () => current,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    replace(material) {
      current = material;
      for (const listener of listeners) listener(material);
    },
    diagnostics: () => [],
    stop: () => undefined,
  };
}
