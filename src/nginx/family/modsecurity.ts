import { type Family, notRead } from '../family.ts';
import { anyText, bool, characters, text } from '../form.ts';

const annotations = {
  enableModsecurity: {
    name: 'enable-modsecurity',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'report',
    form: bool,
    doc: 'No WAF; Coraza proxy-wasm as an option.',
  },
  enableOwaspCoreRules: {
    name: 'enable-owasp-core-rules',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'report',
    form: bool,
    doc: 'As above.',
  },
  modsecurityTransactionId: {
    name: 'modsecurity-transaction-id',
    scope: 'ingress',
    risk: 'High',
    verdict: 'report',
    form: text(characters.variable, 'letters, digits, `-`, `_` and variables of nginx', { ignoresSpaces: true }),
    doc: 'As above.',
  },
  modsecuritySnippet: {
    name: 'modsecurity-snippet',
    scope: 'ingress',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'As above.',
  },
} as const satisfies Family['annotations'];

export const modsecurity: Family = { name: 'modsecurity', annotations, read: notRead };
