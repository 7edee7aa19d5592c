import { type Family, readRefusals } from '../family.ts';
import { characters, text } from '../form.ts';

const annotations = {
  fastcgiIndex: {
    name: 'fastcgi-index',
    scope: 'location',
    risk: 'Medium',
    verdict: 'report',
    form: text(/^[A-Za-z0-9.\-_]+$/, 'the name of a file', { ignoresSpaces: true }),
    doc: 'Not done: Envoy does not speak FastCGI.',
    difference: {
      example: 'GET /',
      nginx: 'Asks the FastCGI process for a file of this name where a path ends with `/`.',
      sluice: 'Speaks HTTP alone: the paths are answered with an error.',
      remedy: 'Put a server that speaks HTTP beside the process, as images of php-fpm with nginx do.',
    },
  },
  fastcgiParamsConfigmap: {
    name: 'fastcgi-params-configmap',
    scope: 'location',
    risk: 'Medium',
    verdict: 'report',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'Not done: Envoy does not speak FastCGI.',
    difference: {
      example: 'GET /',
      nginx: 'Sends the parameters of the ConfigMap to the FastCGI process.',
      sluice: 'Speaks HTTP alone: the paths are answered with an error.',
      remedy: 'Put a server that speaks HTTP beside the process, and give it the parameters.',
    },
  },
} as const satisfies Family['annotations'];

export const fastcgi: Family = { name: 'fastcgi', annotations, read: readRefusals(annotations) };
