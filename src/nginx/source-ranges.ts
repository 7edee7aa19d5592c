import type { Annotation } from './annotation.ts';
import { parseCidrs } from './cidr.ts';
import type { AnnotationReader, FamilyReading } from './family.ts';

/**
 * The networks of an annotation, or of the setting that holds where it is missing. A list that cannot be read closes the paths:
 * nobody is let in by a mistake.
 */
export function readSourceRanges(
  reader: AnnotationReader,
  annotation: Annotation<readonly string[]>,
  setting: 'whitelist-source-range' | 'denylist-source-range',
): FamilyReading<readonly string[]> {
  const found = reader.find(annotation);
  if (found.type === 'value') return { type: 'config', config: found.value };
  if (found.type !== 'missing') return { type: 'denied', mistake: found.mistake };
  const written = reader.controller.value(setting);
  if (written.length === 0) return { type: 'nothing' };
  const config = parseCidrs(written);
  if (config) return { type: 'config', config };
  const message = `\`${setting}\` of the ConfigMap, ${JSON.stringify(written.join(','))}, is not ${annotation.form.doc}`;
  return { type: 'denied', mistake: { annotation: annotation.name, message } };
}
