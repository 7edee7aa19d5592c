import type { ManagerMessage } from './messages.ts';

/** What the connection manager does to a path before routes see it, by its three options. Undefined: refused with 400. */
export function normalizedPath(path: string, manager: ManagerMessage): string | undefined {
  let result = path;
  if (manager.path_with_escaped_slashes_action === 'UNESCAPE_AND_FORWARD') {
    result = result.replace(/%2f/gi, '/').replace(/%5c/gi, '\\');
  }
  if (manager.normalize_path?.value) {
    if (/%00/.test(result)) return undefined;
    result = withoutDots(unescaped(result));
  }
  return manager.merge_slashes ? withoutEmptyElements(result) : result;
}

/** Of a path that has nothing but slashes Envoy leaves two. */
function withoutEmptyElements(path: string): string {
  return /^\/{2,}$/.test(path) ? '//' : path.replace(/\/{2,}/g, '/');
}

/** RFC 3986's unreserved characters need no escape; those that a URL may not hold get one; a backslash is a slash. */
function unescaped(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/%[0-9a-f]{2}/gi, (triplet) => {
      const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
      return /[\w.~-]/.test(character) ? character : triplet;
    })
    .replace(/[ "<>`{}]|[^\0-\x7f]/gu, encodeURIComponent);
}

/** Resolves `.` and `..`; a trailing one leaves the slash before it. Empty elements stay: merging them is another option. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const elements = path.split('/').slice(1);
  for (const [index, element] of elements.entries()) {
    const isLast = index === elements.length - 1;
    if (element === '..') kept.pop();
    if (element === '..' || element === '.') {
      if (isLast) kept.push('');
    } else kept.push(element);
  }
  return `/${kept.join('/')}`;
}
