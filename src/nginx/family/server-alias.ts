import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { characters, type Form } from '../form.ts';

const serverNames: Form<readonly string[]> = {
  doc: 'host names with commas between, `~` before an expression',
  accepts: (value) => partsOf(value).every((part) => characters.regex.test(part)),
  read: (value) => [...new Set(partsOf(value))].sort(),
};

const annotation: Annotation<readonly string[]> = {
  name: 'server-alias',
  scope: 'ingress',
  risk: 'High',
  verdict: 'near',
  form: serverNames,
  doc: 'Further host names of the paths of its host names. A host name that has rules of its own keeps them. `*.` stands for any number of labels, unlike in rules.',
  difference: {
    holdsFor: (text) => /[~*]/.test(text),
    example: 'GET / with a host name that both a wildcard and an expression take',
    nginx: 'Tries expressions and wildcards in the order of the host names.',
    sluice: 'Tries wildcards before expressions.',
    remedy: 'Name the host names one by one.',
  },
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#server-alias */
export const serverAlias = single('server-alias', annotation, 'drops the Ingress');

function partsOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
