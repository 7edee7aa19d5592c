import type { Message } from '../../proto/message.ts';
import { fullMatch } from '../../regex.ts';

type NodeMatcher = Message<'envoy.type.matcher.v3.NodeMatcher'>;
type StringMatcher = Message<'envoy.type.matcher.v3.StringMatcher'>;

/** Whether a node (its `node.id`) is meant. */
type NodeTest = (id: string) => boolean;

/**
 * Reads which nodes are asked about: one that any of the matchers fits, all without a matcher.
 * @returns what is not understood in words, so that nobody takes an answer about all nodes for one about some.
 */
export function nodeTest(matchers: readonly NodeMatcher[]): NodeTest | string {
  const tests: NodeTest[] = [];
  for (const { node_id: id, node_metadatas: metadata = [] } of matchers) {
    if (metadata.length > 0) return 'node_metadatas is not supported: the metadata of nodes is not kept';
    const test = id ? stringTest(id) : () => true;
    if (typeof test === 'string') return test;
    tests.push(test);
  }
  return tests.length === 0 ? () => true : (id) => tests.some((test) => test(id));
}

function stringTest({ exact, prefix, suffix, contains, safe_regex: regex, custom, ignore_case: ignoresCase = false }: StringMatcher): NodeTest | string {
  if (custom) return 'node_id.custom is not supported: use exact, prefix, suffix, contains or safe_regex';
  if (regex) {
    // Its case is its own: `ignore_case` is not for expressions.
    const test = fullMatch(regex.regex ?? '');
    return typeof test === 'string' ? `node_id.safe_regex is not good: ${test}` : test;
  }
  const form = (text: string): string => (ignoresCase ? text.toLowerCase() : text);
  if (exact !== undefined) return (id) => form(id) === form(exact);
  if (prefix !== undefined) return (id) => form(id).startsWith(form(prefix));
  if (suffix !== undefined) return (id) => form(id).endsWith(form(suffix));
  if (contains !== undefined) return (id) => form(id).includes(form(contains));
  return 'node_id says nothing to compare with';
}
