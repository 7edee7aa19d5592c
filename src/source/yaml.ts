import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { reasonOf } from '../reason.ts';
import type { FieldPath } from '../store/stored.ts';
import { quickValue } from './quick-yaml.ts';
import { customTags, schema } from './yaml-schema.ts';

/** The text of one document of a file. */
export interface DocumentText {
  readonly text: string;
  /** Line of the file on which the text begins, from 1. */
  readonly firstLine: number;
}

/** One document, read. */
export interface YamlDocument {
  /** The value; undefined for a document without content and for one that cannot be read. */
  readonly value?: unknown;
  /** Why it cannot be read. */
  readonly problem?: { readonly message: string; readonly line: number; readonly column: number };
  /** Position of a field (of its key where it has one), or of the nearest parent that is written. Parses the text again. */
  locate(path: FieldPath): { readonly line: number; readonly column: number };
}

/** More aliases than this in one document are refused: a short text can stand for a very large value. */
const maxAliasCount = 100;

/**
 * Cuts the text of a file into those of its documents; such without content are left out. A line that begins with `---` or
 * `...` ends a document wherever it stands (YAML 1.2, 9.1.2), so this needs no parser and a broken document harms no other.
 */
export function splitDocuments(text: string): readonly DocumentText[] {
  const parts: DocumentText[] = [];
  let start = 0;
  let firstLine = 1;
  let line = 1;
  let isMarked = false;
  let hasContent = false;
  const cut = (end: number): void => {
    if (hasContent) parts.push({ text: detached(text.slice(start, end)), firstLine });
    start = end;
    firstLine = line;
    isMarked = false;
    hasContent = false;
  };
  for (const match of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    const current = match[0].trim();
    if (/^(---|\.\.\.)(\s|$)/.test(match[0])) {
      // Directives and comments before the marker belong to the document that it begins.
      if (isMarked || hasContent) cut(match.index);
      isMarked = true;
      hasContent = current.startsWith('---') && !isBlank(current.slice(3).trimStart());
    } else if (!isBlank(current) && (isMarked || hasContent || !current.startsWith('%'))) {
      hasContent = true;
    }
    line += 1;
  }
  cut(text.length);
  return parts;
}

/** A copy: a slice would keep the whole text of its file in memory, and after an edit that of the file as it was. */
const detached = (slice: string): string => Buffer.from(slice).toString();

/** Whether a line, without the space around it, holds nothing or a comment. */
const isBlank = (line: string): boolean => line === '' || line.startsWith('#');

function parse(text: string): { document: Document.Parsed; lines: LineCounter } {
  const lines = new LineCounter();
  // Keys are the names of fields: nobody who writes `on:` means `true:`.
  // A document that says its version has the types of that.
  const types = text.includes('%YAML') ? { customTags } : { schema };
  const document = parseDocument(text, { lineCounter: lines, version: '1.1', ...types, prettyErrors: false, logLevel: 'silent', stringKeys: true });
  return { document, lines };
}

/**
 * Reads one document. JSON is YAML as well. Scalars are read as Kubernetes reads them (YAML 1.1: `yes` and `on` are true), but
 * for dates, sexagesimal numbers and other types that JSON lacks, which stay text.
 */
export function readDocument({ text, firstLine }: DocumentText): YamlDocument {
  const locate = (path: FieldPath): { line: number; column: number } => {
    const start = path.length === 0 ? startOf(text) : undefined;
    if (start) return { line: firstLine + start.line, column: start.column };
    const again = parse(text);
    const at = again.lines.linePos(offsetOf(again.document, path));
    return { line: firstLine + at.line - 1, column: at.col };
  };
  const value = quickValue(text);
  if (value !== undefined) return { value: fitted(value), locate };
  try {
    const { document, lines } = parse(text);
    const error = document.errors[0];
    if (error) {
      // What is never closed is found at the end: the last line that holds something says more than the empty one behind it.
      const at = lines.linePos(Math.min(error.pos[0], text.trimEnd().length));
      return { problem: { message: inWords(error), line: firstLine + at.line - 1, column: at.col }, locate };
    }
    return { value: fitted(document.toJS({ maxAliasCount })), locate };
  } catch (caught) {
    // Too many aliases, or one that is not defined: only known when the value is built. Or nested too deeply for the parser.
    return { problem: { message: inWords(caught), line: firstLine, column: 1 }, locate };
  }
}

function inWords(problem: unknown): string {
  const message = reasonOf(problem);
  return message.includes('call stack') ? 'It is nested too deeply, or an alias stands within what it stands for.' : message;
}

/**
 * A list is as long as it is: parsers add item by item, and V8 keeps room for sixteen more. Thousands of slices hold tens of
 * thousands of lists with one address.
 */
function fitted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(fitted);
  const record = value as Record<string, unknown>;
  for (const name in record) if (typeof record[name] === 'object') record[name] = fitted(record[name]);
  return record;
}

/**
 * Where the content of a document begins, lines from 0, without parsing it: the place of each changed object is kept in the history.
 * Undefined where that takes a parser.
 */
function startOf(text: string): { readonly line: number; readonly column: number } | undefined {
  for (let line = 0, at = 0; at < text.length; line++) {
    const end = (text.indexOf('\n', at) + 1 || text.length + 1) - 1;
    const written = text.slice(at, end);
    if (!isBlank(written.trim()) && !/^---\s*(#.*)?$/.test(written)) {
      const column = written.search(/[^ ]/) + 1;
      return /\w/.test(written[column - 1] ?? '') ? { line, column } : undefined;
    }
    at = end + 1;
  }
  return undefined;
}

function offsetOf(document: Document.Parsed, path: FieldPath): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = (pair.value ?? null) as Node | null;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined;
      if (!item) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else {
      break;
    }
  }
  return offset;
}
