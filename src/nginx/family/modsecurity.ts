import { type Family, notRead } from '../family.ts';
import { anyText, bool, characters, text } from '../form.ts';

/** What the move does to requests that the firewall looks at. */
const unguarded = {
  sluice: 'Has no firewall: such requests reach the backend, and nobody sees them.',
  remedy: 'Put a firewall in the way before you move: in front of Envoy, or as a proxy with ModSecurity or Coraza that passes on to the Service of today.',
} as const;

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
      nginx: 'ModSecurity looks at each request and writes attacks into its log; it refuses them where a snippet says `SecRuleEngine On`.',
      ...unguarded,
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
      example: 'GET /?id=1%20UNION%20SELECT%201',
      nginx: 'With ModSecurity on it looks for what the core rules of OWASP say.',
      ...unguarded,
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
      example: 'GET /',
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
      example: 'GET /?id=1%20UNION%20SELECT%201',
      nginx: 'With ModSecurity on it applies the rules and settings of the snippet.',
      ...unguarded,
    },
  },
} as const satisfies Family['annotations'];

export const modsecurity: Family = { name: 'modsecurity', annotations, read: notRead };
