import { diagnostic, type Report } from '../../diagnostic.ts';
import type { RequestText } from '../../ir/route.ts';
import type { Controller } from '../../nginx/controller.ts';
import { knowsPlace } from '../../nginx/places.ts';
import { readTextWithVariables, type TextWithVariables } from '../../nginx/text-with-variables.ts';
import type { StoreView } from '../../store/view.ts';
import type { FeatureContext } from './feature/feature.ts';
import type { Location } from './location.ts';
import { requestText } from './request-text.ts';

/** A header of requests to backends, as the ConfigMap has it. */
export interface ProxyHeader {
  /** In lower case. */
  readonly name: string;
  /** Texts, and variables of nginx by their names. Undefined: it cannot be had, and what the client sends under this name is taken away. */
  readonly parts: TextWithVariables | undefined;
}

/** Names that say how a message is carried, and the host name, for which there is `upstream-vhost`. */
const carrying = new Set(['connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** What the ConfigMap of `proxy-set-headers` says; nothing where it is missing, as for ingress-nginx. Gives `IngressSettingIgnored`. */
export function proxyHeadersOf(view: StoreView, controller: Controller, report: Report): readonly ProxyHeader[] {
  const [namespace = '', name = ''] = controller.value('proxy-set-headers').split('/');
  const configMap = view.get('ConfigMap', namespace, name);
  const headers = Object.entries(configMap?.object.data ?? {}).flatMap(([key, text]): ProxyHeader[] => {
    const ignored = (why: string, consequence: string): void =>
      report(diagnostic('IngressSettingIgnored', configMap?.origin(['data', key]) ?? {}, `${why}, so ${consequence}.`, 'Correct it, or remove it.'));
    const header = key.toLowerCase();
    if (!/^[a-z0-9_-]+$/.test(header) || carrying.has(header)) {
      ignored(`${key} is no header that can be set`, 'backends get what the client sends');
      return [];
    }
    const parts = readTextWithVariables(text, (variable) => knowsPlace(controller, variable));
    if (typeof parts !== 'string') return [{ name: header, parts }];
    ignored(`Of ${key}, ${parts}`, 'backends do not get this header, whatever the client sends');
    return [{ name: header, parts: undefined }];
  });
  return readersFirst(headers);
}

/** Envoy sets one after the other, and nginx all at once: one that is made of another header of the list has to be set before that one. */
function readersFirst(headers: readonly ProxyHeader[]): readonly ProxyHeader[] {
  const sorted = new Set<ProxyHeader>();
  const begun = new Set<ProxyHeader>();
  const place = (header: ProxyHeader): void => {
    if (begun.has(header)) return;
    begun.add(header);
    headers.filter((other) => other !== header && isMadeOf(other, header.name)).forEach(place);
    sorted.add(header);
  };
  headers.forEach(place);
  return [...sorted];
}

function isMadeOf({ parts = [] }: ProxyHeader, header: string): boolean {
  return parts.some((one) => typeof one !== 'string' && one.variable.startsWith('http_') && one.variable.slice('http_'.length).replaceAll('_', '-') === header);
}

/** The value of such a header for the requests of a location; empty: it is taken away. */
export function proxyHeaderText({ parts = [] }: ProxyHeader, location: Location, context: Pick<FeatureContext, 'port' | 'server'>): RequestText {
  return requestText(parts, location, context);
}
