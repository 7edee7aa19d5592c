import { quoted } from '../regex.ts';

/** As nginx reads the left side of a `map`: `~` begins an expression, `~*` one without regard to case, all else is a text without regard to case. */
export function mapPattern(text: string): string {
  if (text.startsWith('~*')) return `(?is).*(?:${text.slice(2)}).*`;
  if (text.startsWith('~')) return `(?s).*(?:${text.slice(1)}).*`;
  return `(?i)${quoted(text)}`;
}
