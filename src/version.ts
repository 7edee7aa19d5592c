import { readFileSync } from 'node:fs';

/** The version of this Sluice, from its package file, which lies beside the sources as well as beside the built files. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
