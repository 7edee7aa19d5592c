import { type Family, notRead } from '../family.ts';
import { anyText, bool, characters, text } from '../form.ts';

const annotations = {
  enableModsecurity: {
    name: 'enable-modsecurity',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'report',
    form: bool,
    doc: 'Not done: Envoy has no web application firewall.',
    difference: {
      example: 'GET /?id=1%20UNION%20SELECT%201',
      nginx: 'Looks at each request, and refuses attacks where its rules say so.',
      sluice: 'Has no firewall: such requests reach the backend.',
      remedy: 'Do not move before there is another firewall: in front of Envoy, or Coraza as a WebAssembly filter.',
    },
  },
  enableOwaspCoreRules: {
    name: 'enable-owasp-core-rules',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'report',
    form: bool,
    doc: 'Not done: Envoy has no web application firewall.',
    difference: {
      example: 'GET /?id=1%20UNION%20SELECT%201, with ModSecurity on',
      nginx: 'Applies the core rules of OWASP.',
      sluice: 'Has no firewall: such requests reach the backend.',
      remedy: 'Do not move before there is another firewall: in front of Envoy, or Coraza as a WebAssembly filter.',
    },
  },
  modsecurityTransactionId: {
    name: 'modsecurity-transaction-id',
    scope: 'ingress',
    risk: 'High',
    verdict: 'report',
    form: text(characters.variable, 'letters, digits, `-`, `_` and variables of nginx', { ignoresSpaces: true }),
    doc: 'Not done: Envoy has no web application firewall.',
    difference: {
      example: 'GET / with ModSecurity on',
      nginx: 'Writes the id into the log of the firewall.',
      sluice: 'Has no firewall, and so no log of it.',
      remedy: 'Look for `X-Request-ID` in the access log instead.',
    },
  },
  modsecuritySnippet: {
    name: 'modsecurity-snippet',
    scope: 'ingress',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Not done: Envoy has no web application firewall.',
    difference: {
      example: 'GET /?id=1%20UNION%20SELECT%201, with ModSecurity on',
      nginx: 'Applies the rules of the snippet.',
      sluice: 'Has no firewall: such requests reach the backend.',
      remedy: 'Do not move before there is another firewall: in front of Envoy, or Coraza as a WebAssembly filter.',
    },
  },
} as const satisfies Family['annotations'];

export const modsecurity: Family = { name: 'modsecurity', annotations, read: notRead };
