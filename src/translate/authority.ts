import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import { authorityName } from '../ir/names.ts';
import type { AuthoritySecret } from '../ir/secret.ts';
import { secretText } from '../kind/secret-text.ts';
import { certificatesOf } from '../kind/tls-secret.ts';
import { memoized } from '../memo/memoized.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';

/** An object that holds certificates of authorities under `ca.crt`. */
export interface AuthorityReference {
  readonly kind: string;
  readonly name: string;
  readonly at: () => Origin;
}

type Holder = Stored<'ConfigMap'> | Stored<'Secret'>;

/**
 * The authorities in the objects, joined, with the certificates that a Secret says they have taken back (`ca.crl`). Those that cannot be read are left out.
 * Undefined: none is left, and nothing may be trusted. Gives `AuthorityNotFound`, `InvalidAuthority`.
 */
export function authoritySecret(view: StoreView, namespace: string, references: readonly AuthorityReference[], report: Report): AuthoritySecret | undefined {
  const found = references.flatMap(({ kind, name, at }) => {
    const holder = kind === 'ConfigMap' || kind === 'Secret' ? view.get(kind, namespace, name) : undefined;
    const text = holder && textOf(holder);
    if (!holder || text === undefined) {
      const message = `There is no ${kind} ${namespace}/${name} with a key \`ca.crt\`, so its authorities are not trusted.`;
      report(diagnostic('AuthorityNotFound', at(), message, 'Create a ConfigMap or a Secret with the certificates of the authorities as PEM under `ca.crt`.'));
      return [];
    }
    if (isReadable(holder)) return [{ holder, text }];
    const message = `\`ca.crt\` of ${kind} ${namespace}/${name} holds no readable certificates, so its authorities are not trusted.`;
    report(diagnostic('InvalidAuthority', at(), message, 'Write the certificates as PEM.'));
    return [];
  });
  if (found.length === 0) return undefined;
  const revocations = found.flatMap(({ holder }) => (holder.kind === 'Secret' ? (secretText(holder.object, 'ca.crl') ?? []) : []));
  const sorted = found.toSorted((a, b) => (keyOf(a.holder) < keyOf(b.holder) ? -1 : 1));
  return {
    type: 'authority',
    name: authorityName(sorted.map(({ holder }) => keyOf(holder))),
    authoritiesPem: sorted.map(({ text }) => `${text.trim()}\n`).join(''),
    ...(revocations.length > 0 && { revocationsPem: revocations.map((text) => `${text.trim()}\n`).join('') }),
    origins: sorted.map(({ holder }) => holder.origin()),
  };
}

function keyOf({ kind, namespace, name }: Holder): string {
  return `${kind.toLowerCase()}/${namespace}/${name}`;
}

function textOf(holder: Holder): string | undefined {
  return holder.kind === 'Secret' ? secretText(holder.object, 'ca.crt') : holder.object.data?.['ca.crt'];
}

/** Whether the text of an object is good: an object that did not change is not parsed again. */
const isReadable = memoized((holder: Holder): boolean => (certificatesOf(textOf(holder) ?? '')?.length ?? 0) > 0);
