import type { Finding } from './finding.ts';

/** A firewall of ingress-nginx, as it is set. */
interface Firewall {
  /** Rules and settings of ModSecurity, as they are written. */
  readonly rules: string;
  /** Whether the core rules of OWASP are among its rules. */
  readonly hasCoreRules: boolean;
}

/** What becomes of a firewall, which Envoy does not have. @param request one that it looks at: `GET http://shop.example/`. */
export function firewallFinding({ rules, hasCoreRules }: Firewall, request: string): Finding {
  const [engine = 'DetectionOnly'] = [...rules.matchAll(/^\s*SecRuleEngine\s+(\w+)/gim)].map(([, word = '']) => word).slice(-1);
  if (/^off$/i.test(engine)) return { level: 'inert', message: 'It is off on both: `SecRuleEngine Off`.', remedy: 'Remove it.' };
  const refuses = /^on$/i.test(engine);
  const count = [...rules.matchAll(/^\s*Sec(?:Rule|Action)\s/gim)].length;
  const by = [hasCoreRules && 'the core rules of OWASP', count > 0 && (count === 1 ? 'the rule written here' : `the ${count} rules written here`)].filter(
    (part) => part !== false,
  );
  const given = by.length === 0 ? 'the few rules of its own file' : by.join(' and ');
  const does = refuses
    ? `refuses what ${given} find (\`SecRuleEngine On\`)`
    : `writes what ${given} find into its log, and refuses nothing, as \`SecRuleEngine On\` is not written`;
  const lost = refuses ? 'so such requests reach the backend' : 'so nobody sees such requests';
  return {
    level: 'dangerous',
    message: `ingress-nginx: ModSecurity looks at each request and ${does}. Sluice: Has no firewall, ${lost}.`,
    example: `${request}${hasCoreRules || count === 0 ? '?id=1%20UNION%20SELECT%201' : ' as one of the rules wants to find it'}`,
    remedy: `Put a firewall in the way before you move: in front of Envoy, or as a proxy with ModSecurity or Coraza that is the backend of the Ingress and passes on to the Service of today; the image \`owasp/modsecurity-crs\` is one.${refuses ? '' : ' Where nobody reads the log, remove the annotation.'}`,
  };
}
