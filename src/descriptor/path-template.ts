/** A path of `google.api.http`, as an expression. */
export interface PathTemplate {
  /** The path itself, where nothing in it varies. */
  readonly exact?: string;
  /** RE2, for the whole path. */
  readonly regex: string;
  /** Fields that parts of the path are put into: `name`, `item.id`. */
  readonly variables: readonly string[];
}

const literal = /^[A-Za-z0-9\-._~%!$&'()+,;=:@]+$/;
const variable = /^\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)(?:=([^{}]+))?\}$/;
const verb = /^([A-Za-z0-9\-._~%]+)$/;

/**
 * Reads a path template: `/v1/{name=shelves/*}/books/{book}:watch`. Undefined: it is none.
 * The expression may take more than Envoy's own reading of the template, never less.
 * @see https://github.com/googleapis/googleapis/blob/master/google/api/http.proto
 */
export function pathTemplate(text: string): PathTemplate | undefined {
  if (!text.startsWith('/') || text.length < 2) return undefined;
  const { path, verbText } = withoutVerb(text.slice(1));
  if (verbText !== undefined && !verb.test(verbText)) return undefined;
  const segments = splitOutsideBraces(path);
  const variables: string[] = [];
  const patterns: string[] = [];
  for (const segment of segments) {
    const [, field, inner = '*'] = variable.exec(segment) ?? [];
    if (field !== undefined) variables.push(field);
    for (const part of field === undefined ? [segment] : inner.split('/')) {
      if (part !== '*' && part !== '**' && !literal.test(part)) return undefined;
      patterns.push(part);
    }
  }
  const deep = patterns.indexOf('**');
  if ((deep !== -1 && deep !== patterns.length - 1) || new Set(variables).size !== variables.length) return undefined;
  const ending = verbText === undefined ? '' : `:${verbText}`;
  const regex = `${patterns.map(segmentRegex).join('')}${quoted(ending)}`;
  return { ...(variables.length === 0 && !patterns.some((part) => part.startsWith('*')) ? { exact: text } : {}), regex, variables };
}

/** `**` takes any number of segments, none as well. */
function segmentRegex(part: string): string {
  if (part === '**') return '(?:/.*)?';
  return part === '*' ? '/[^/]+' : `/${quoted(part)}`;
}

/** The verb stands behind the last colon that is not inside of a variable. */
function withoutVerb(text: string): { readonly path: string; readonly verbText?: string } {
  const colon = text.lastIndexOf(':');
  if (colon === -1 || colon < text.lastIndexOf('/') || colon < text.lastIndexOf('}')) return { path: text };
  return { path: text.slice(0, colon), verbText: text.slice(colon + 1) };
}

function splitOutsideBraces(path: string): readonly string[] {
  return path.match(/(?:\{[^{}]*\}|[^/{}])+|(?<=\/)(?=\/)|^(?=\/)|\/$|[{}]/g) ?? [''];
}

function quoted(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
