import type { Family } from '../family.ts';
import { characters, text } from '../form.ts';

const annotations = {
  customHeaders: {
    name: 'custom-headers',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'A ConfigMap, `NAMESPACE/NAME`, whose values every answer has as headers. One whose name is not in `global-allowed-response-headers` has all paths answered with 503.',
  },
} as const satisfies Family['annotations'];

const headerName = /^[A-Za-z\d\-_]+$/;
const headerValue = /^[A-Za-z\d_ :;.,\\/"'?!(){}[\]@<>=\-+*#$&`|~^%]+$/;

/** Headers of answers, names in lower case. */
interface CustomHeaders {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-headers */
export const customHeaders: Family<CustomHeaders> = {
  name: 'custom-headers',
  annotations,
  read({ find, view, controller }) {
    const annotation = annotations.customHeaders;
    const found = find(annotation);
    if (found.type !== 'value') return found.type === 'missing' ? { type: 'nothing' } : { type: 'nothing', mistake: found.mistake };
    const denied = (message: string) => ({ type: 'denied', mistake: { annotation: annotation.name, message } }) as const;
    const [namespace = '', name = ''] = found.value.split('/');
    const configMap = view.get('ConfigMap', namespace, name);
    if (!configMap) return denied(`there is no ConfigMap ${found.value}`);
    const allowed = controller.value('global-allowed-response-headers');
    const entries = Object.entries(configMap.object.data ?? {});
    for (const [header, value] of entries) {
      if (!headerName.test(header)) return denied(`${JSON.stringify(header)} is no name of a header`);
      if (!headerValue.test(value)) return denied(`the value of ${header} has characters that are not allowed`);
      if (!allowed.includes(header)) return denied(`${header} is not in \`global-allowed-response-headers\``);
    }
    return { type: 'config', config: { headers: entries.map(([header, value]) => ({ name: header.toLowerCase(), value })) } };
  },
};
