import type { Origin } from '../diagnostic.ts';
import type { FieldPath } from '../store/stored.ts';
import type { YamlDocument } from './yaml.ts';

/**
 * The origin of a field in a file. Its line and column are looked up when first read: every rebuild asks for the origins of
 * healthy objects by the thousand, and hardly any of them is ever shown.
 */
export function fileOrigin(file: string, locate: YamlDocument['locate'], path: FieldPath, known: Pick<Origin, 'object' | 'field'>): Origin {
  let position: { readonly line: number; readonly column: number } | undefined;
  const found = (): { readonly line: number; readonly column: number } => {
    position ??= locate(path);
    return position;
  };
  return {
    ...known,
    file,
    get line() {
      return found().line;
    },
    get column() {
      return found().column;
    },
  };
}
