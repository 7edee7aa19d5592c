import { compileRegex } from '../../regex.ts';

/** RE2 of a whole path for a path that nginx reads as `~* "^PATH"`: without regard to case, fixed at its start only. */
export function locationRegex(path: string): string {
  const merged = withRoot(path);
  return path.includes('|') ? `(?i).*?(?:^${merged}).*` : `(?i)${merged}.*`;
}

/** What fits the root fits `//` too, which Envoy leaves where a path has nothing but slashes, and nginx takes for the root. */
function withRoot(path: string): string {
  const mayFitRoot = path.includes('|') || !/^\/(?:$|[\w-](?![?*{]))/.test(path);
  return mayFitRoot ? path.replace(/^\/(?![?*+{])/, '//?') : path;
}

/**
 * A target of `rewrite-target`, as a replacement of what `locationRegex` finds: `$1` is a group, one that the path does not have is
 * nothing. Undefined: it holds variables of nginx.
 */
export function rewriteReplacement(path: string, target: string): string | undefined {
  const compiled = compileRegex(locationRegex(path));
  if ('error' in compiled || /\$(?!\d)|[\0\r\n]/.test(target)) return undefined;
  return target.replaceAll('\\', '\\\\').replace(/\$(\d)/g, (_, group: string) => (Number(group) <= compiled.groups ? `\\${group}` : ''));
}

/** RE2 of a host, with or without a port, for a name of nginx: `*.example.com` takes one label, `~EXPRESSION` is one. */
export function authorityRegex(name: string): string {
  const port = '\\.?(:[0-9]+)?';
  if (name.startsWith('*.')) return `(?i)[\\w-]+${name.slice(1).replaceAll('.', '\\.')}${port}`;
  const [, start = '', body = '', end = ''] = /^~(\^?)(.*?)((?<!\\)\$)?$/.exec(name) ?? [];
  return `(?i)${start ? '' : '.*'}(?:${body})${end ? port : '.*'}`;
}
