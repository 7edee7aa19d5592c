import { clientsNameThemselves } from '../nginx/client-trust.ts';
import type { Controller } from '../nginx/controller.ts';
import { directivesIn } from '../nginx/directives.ts';
import { listenerTlsOf } from '../nginx/listener-tls.ts';
import { lacksDatabases } from '../nginx/places.ts';
import { type SettingKey, settings } from '../nginx/setting/index.ts';
import type { Setting } from '../nginx/setting.ts';
import { guardsIn } from '../nginx/snippet.ts';
import { likelyMeant } from '../store/likely.ts';
import { httpLog } from '../translate/ingress/access-log.ts';
import type { Finding, SettingFinding } from './finding.ts';
import { firewallFinding } from './firewall.ts';
import { requestOf, type Scene } from './scene.ts';
import { snippetRemedy } from './snippet-remedies.ts';

/** What happens where nobody does anything. */
const review = 'Look at what it is for; Sluice goes on without it.';

const withoutDatabases: Finding = {
  level: 'unsupported',
  message:
    'ingress-nginx: knows where clients come from. Sluice: does not look it up, as nobody says where Envoys find databases; the headers of `proxy-set-headers` that tell it are missing.',
  example: 'GET / from an address of Germany, with `X-Country: $geoip2_city_country_code` in `proxy-set-headers`',
  remedy: 'Give `--ingress-geoip-city-database` or `--ingress-geoip-asn-database`.',
};

const levelOf = { exact: 'exact', near: 'near', adapt: 'adapted', noop: 'inert', report: 'unsupported' } as const;

/** What becomes of each key of the ConfigMap of the controller, and of what only its keys together lead to. */
export function* settingFindings(scene: Scene): Iterable<SettingFinding> {
  const { controller } = scene;
  const mistakes = listenerTlsOf(controller).mistakes;
  for (const [key, text] of Object.entries(controller.written)) {
    const said = mistakes.filter((mistake) => mistake.key === key).map(({ message }) => message);
    const finding = lacksDatabases(controller, key) ? withoutDatabases : (firewallOf(key, controller) ?? snippetOf(key, text) ?? findingOf(key, text));
    yield { key, at: controller.origin(key), ...(said.length > 0 ? { ...finding, message: said.join(' '), remedy: 'Write what Envoy knows.' } : finding) };
  }
  yield* trustFindings(controller);
  yield* logFindings(scene);
}

/** ingress-nginx writes every request, whether anything is said of the log or not. */
function* logFindings({ controller, ingresses, view }: Scene): Iterable<SettingFinding> {
  const [first] = ingresses;
  if (!first || httpLog(controller).log || view.list('GatewayConfig').some(({ name, object }) => name === 'default' && object.spec.accessLog)) return;
  const key = 'log-format-upstream';
  const message = 'ingress-nginx: writes a line for each request, in its own form. Sluice: writes one request in a hundred and all failures, as JSON.';
  const remedy = 'Write `log-format-upstream` into the ConfigMap for lines of nginx, or `accessLog` into the GatewayConfig `default`.';
  yield { key, at: controller.origin(key), level: 'adapted', message, example: requestOf(first.ingress), remedy };
}

/** What clients can forge: on ingress-nginx as well, so it changes nothing, but it should be known. */
function* trustFindings(controller: Controller): Iterable<SettingFinding> {
  const { value, origin } = controller;
  if (clientsNameThemselves(controller)) {
    const key = 'proxy-real-ip-cidr';
    const message = 'Clients choose the address that lists, limits and logs see, on both: forwarded headers are believed from every peer.';
    const remedy = 'Set it to the networks of your own proxies and load balancers.';
    yield { key, at: origin(key), level: 'dangerous', message, example: `GET / with ${value('forwarded-for-header')}: 10.1.1.1`, remedy };
  }
  if (value('use-forwarded-headers')) {
    const key = 'use-forwarded-headers';
    const message =
      'Whoever reaches the gateway chooses the host name, scheme and port that backends see, on both: X-Forwarded-Host, -Proto and -Port are believed from every peer, whatever `proxy-real-ip-cidr` says.';
    const remedy = 'Let only your proxies connect to Envoy, and have them write these headers anew.';
    yield { key, at: origin(key), level: 'inert', message, example: 'GET / with X-Forwarded-Host: admin.internal', remedy };
  }
}

/** Of the settings of the firewall, where it is on. */
function firewallOf(key: string, { value }: Controller): Finding | undefined {
  if (key !== 'enable-modsecurity' || !value(key)) return undefined;
  return firewallFinding({ rules: value('modsecurity-snippet'), hasCoreRules: value('enable-owasp-modsecurity-crs') }, 'GET /');
}

/** Of code of nginx for all host names. */
function snippetOf(key: string, text: string): Finding | undefined {
  if (!/^(?:http|server|location)-snippet$/.test(key) || text === '') return undefined;
  const directives = directivesIn(text);
  const names = [...new Set(directives.map(({ name }) => `\`${name}\``))].join(', ');
  const guards = guardsIn(directives);
  const opens = guards.length > 0 ? `: whom ${guards.map((guard) => `\`${guard}\``).join(', ')} kept out gets in` : '';
  return {
    level: guards.length > 0 ? 'dangerous' : 'unsupported',
    message: `ingress-nginx: Runs this code of nginx (directives: ${names}). Sluice: Serves all host names without it${opens}.`,
    example: 'GET / of any host name',
    remedy: snippetRemedy(directives),
  };
}

function findingOf(key: string, text: string): Finding {
  if (!Object.hasOwn(settings, key)) {
    const meant = likelyMeant(key, Object.keys(settings));
    const remedy = meant === undefined ? 'Remove it.' : `Remove it, or write ${meant} if that is meant.`;
    return { level: 'inert', message: 'ingress-nginx has no setting of this name.', remedy };
  }
  if (text === '') return { level: 'inert', message: 'It is empty, so what holds is its default.' };
  const { verdict, form, doc, fallback }: Setting = settings[key as SettingKey];
  const value = form.read(text);
  if (value === undefined)
    return {
      level: 'inert',
      message: `${JSON.stringify(text)} is not ${form.doc}, so what holds is ${JSON.stringify(fallback)}.`,
      remedy: 'Mend it or remove it.',
    };
  if (verdict === 'report' && value === false) return { level: 'inert', message: 'It is off, as it is by default.' };
  return { level: levelOf[verdict], message: doc, ...(verdict === 'report' ? { remedy: review } : {}) };
}
