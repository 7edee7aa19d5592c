import type { Family } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  allowlistSourceRange: {
    name: 'allowlist-source-range',
    aliases: ['whitelist-source-range'],
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: anyText,
    doc: 'Per-route `rbac` (ALLOW, `remote_ip` principals); invalid list = fixed 503 route.',
  },
} as const satisfies Family['annotations'];

/** Closed until Sluice can let some clients in: nobody is let in whom the list does not name. */
export const allowlist: Family = {
  name: 'allowlist',
  annotations,
  read(reader) {
    const found = reader.find(annotations.allowlistSourceRange);
    if (found.type === 'missing') return { type: 'nothing' };
    return { type: 'denied', mistake: { annotation: annotations.allowlistSourceRange.name, message: 'it is not read yet' } };
  },
};
