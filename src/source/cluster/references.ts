import { keyText, type ObjectKey } from '../../store/sink.ts';
import type { Stored } from '../../store/stored.ts';

/** Kinds of which only those objects are read that another one refers to: a cluster has thousands that are none of our business. */
export const referredKinds = ['Secret', 'ConfigMap'] as const;
type ReferredKind = (typeof referredKinds)[number];

/** Fields that refer to what carries requests, which is never a Secret. */
const otherReferences = new Set(['backendRefs', 'backendRef', 'parentRefs', 'targetRefs', 'extensionRef']);
/** Names that annotations, flags and settings of ingress-nginx write as `NAMESPACE/NAME`. */
const qualifiedName = /^([a-z0-9][a-z0-9-]*)\/([a-z0-9][a-z0-9.-]*)$/;
const plainName = /^[a-z0-9][a-z0-9.-]*$/;

/**
 * The Secrets and ConfigMaps that an object may refer to, whether they exist or not. Some too many: what is told from the form of
 * a text alone may mean something else. Those of a ConfigMap are what settings of ingress-nginx name.
 */
export function referencesOf(stored: Stored): readonly ObjectKey[] {
  const { kind, namespace } = stored;
  const found = new Map<string, ObjectKey>();
  const add = (kinds: readonly ReferredKind[], of: string, name: string): void => {
    for (const each of kinds) found.set(keyText({ kind: each, namespace: of, name }), { kind: each, namespace: of, name });
  };
  const addText = (text: string, ofPlain?: string): void => {
    for (const word of text.split(/[\s,;]+/)) {
      const [, other, name] = qualifiedName.exec(word.replace('$(POD_NAMESPACE)', namespace)) ?? [];
      if (other !== undefined && name !== undefined) add(referredKinds, other, name);
      else if (ofPlain !== undefined && plainName.test(word)) add(referredKinds, ofPlain, word);
    }
  };
  switch (kind) {
    case 'EndpointSlice':
    case 'Secret':
    case 'Namespace':
      return [];
    case 'Ingress': {
      const { metadata, spec } = stored.object;
      for (const { secretName } of spec.tls ?? []) if (secretName) add(['Secret'], namespace, secretName);
      for (const [name, text] of Object.entries(metadata.annotations ?? {})) addText(text, /secret|headers|config/.test(name) ? namespace : undefined);
      break;
    }
    case 'ConfigMap':
      for (const text of Object.values(stored.object.data ?? {})) if (text.length < 1000) addText(text);
      break;
    case 'Deployment':
    case 'DaemonSet':
      for (const { command, args } of stored.object.spec?.template?.spec?.containers ?? [])
        for (const word of [...(command ?? []), ...(args ?? [])]) addText(word.replace(/^--?[a-z-]+=/, ''));
      break;
    default:
      addReferences((stored.object as { readonly spec?: unknown }).spec, namespace, add);
  }
  return [...found.values()];
}

/** Adds what fields named `…Ref` and `…Refs` lead to. */
function addReferences(value: unknown, namespace: string, add: (kinds: readonly ReferredKind[], namespace: string, name: string) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) addReferences(item, namespace, add);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, field] of Object.entries(value)) {
    if (otherReferences.has(name)) continue;
    if (/Refs?$/.test(name)) for (const reference of [field].flat()) addReference(reference, namespace, add);
    else addReferences(field, namespace, add);
  }
}

function addReference(value: unknown, ofOwner: string, add: (kinds: readonly ReferredKind[], namespace: string, name: string) => void): void {
  const { kind, name, namespace = ofOwner } = (value ?? {}) as Readonly<Partial<Record<string, unknown>>>;
  if (typeof name !== 'string' || typeof namespace !== 'string') return;
  add(
    referredKinds.filter((one) => kind === undefined || kind === one),
    namespace,
    name,
  );
}
