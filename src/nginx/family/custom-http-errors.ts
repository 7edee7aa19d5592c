import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { type Form, int } from '../form.ts';

/** Blanks do not count when it is checked, and then make it mean nothing, as one comma too many does. */
const statuses: Form<readonly number[]> = {
  doc: 'statuses from 400 to 599 with commas between',
  accepts: (text) => /^(?:[4,5]\d\d,?)*$/.test(text.replaceAll(' ', '')),
  read(text) {
    const numbers = text.split(',').map(int.read);
    return numbers.some((number) => number === undefined) ? undefined : numbers.filter((number) => number !== undefined);
  },
};

const annotation: Annotation<readonly number[]> = {
  name: 'custom-http-errors',
  scope: 'location',
  risk: 'Low',
  verdict: 'adapt',
  form: statuses,
  doc: 'Statuses whose answers the default backend gives instead: it is asked for `/` with the headers that ingress-nginx sends, and its status is what clients see. Without one it is that of `--default-backend-service`, and without that they are answered with 404.',
  difference: {
    example: 'POST / with a body, where the backend answers 503',
    nginx: 'The default backend gets the body too.',
    sluice: 'It is asked without the body.',
    remedy: 'Nothing, unless its page shows what was sent.',
  },
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-http-errors */
export const customHttpErrors = single('custom-http-errors', annotation, 'drops the Ingress');
