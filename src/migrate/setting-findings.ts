import { clientsNameThemselves } from '../nginx/client-trust.ts';
import type { Controller } from '../nginx/controller.ts';
import { type SettingKey, settings } from '../nginx/setting/index.ts';
import type { Setting } from '../nginx/setting.ts';
import { httpLog } from '../translate/ingress/access-log.ts';
import type { Finding, SettingFinding } from './finding.ts';
import { requestOf, type Scene } from './scene.ts';

/** What happens where nobody does anything. */
const review = 'Look at what it is for; Sluice goes on without it.';

const levelOf = { exact: 'exact', near: 'near', adapt: 'adapted', noop: 'inert', report: 'unsupported' } as const;

/** What becomes of each key of the ConfigMap of the controller, and of what only its keys together lead to. */
export function* settingFindings(scene: Scene): Iterable<SettingFinding> {
  const { controller } = scene;
  for (const [key, text] of Object.entries(controller.written)) yield { key, at: controller.origin(key), ...findingOf(key, text) };
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

function findingOf(key: string, text: string): Finding {
  if (!Object.hasOwn(settings, key)) return { level: 'inert', message: 'ingress-nginx has no setting of this name.', remedy: 'Remove it.' };
  const { verdict, form, doc, fallback }: Setting = settings[key as SettingKey];
  const value = form.read(text);
  if (value === undefined)
    return {
      level: 'inert',
      message: `${JSON.stringify(text)} is not ${form.doc}, so what holds is ${JSON.stringify(fallback)}.`,
      remedy: 'Mend it or remove it.',
    };
  if (verdict === 'report' && (value === false || text === '')) return { level: 'inert', message: 'It is off, as it is by default.' };
  if (key === 'enable-modsecurity') {
    const message = 'ingress-nginx: ModSecurity looks at each request and refuses attacks. Sluice: there is no firewall, so they reach the backends.';
    return {
      level: 'dangerous',
      message,
      example: 'GET /?id=1%20UNION%20SELECT%201',
      remedy: 'Do not move before there is another one: in front of Envoy, or Coraza as a WebAssembly filter.',
    };
  }
  return { level: levelOf[verdict], message: doc, ...(verdict === 'report' ? { remedy: review } : {}) };
}
