import type { Origin } from '../diagnostic.ts';
import type { Stored } from '../store/stored.ts';
import type { Controller } from './controller.ts';

/** Where an annotation of ingress-nginx is written. @param name without the prefix. */
export function annotationOrigin(ingress: Stored<'Ingress'>, { flags }: Pick<Controller, 'flags'>, name: string): Origin {
  return ingress.origin(['metadata', 'annotations', `${flags.annotationsPrefix}/${name}`]);
}
