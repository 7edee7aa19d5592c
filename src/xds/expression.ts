import type { Message } from '../proto/message.ts';

type Node = Message<'cel.expr.Expr'>;

/** An expression about attributes of a request, in CEL: where Envoy wants it as a text and where as a tree. @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes */
export type Expression =
  | { readonly type: 'literal'; readonly value: string | number | boolean }
  /** An attribute, with dots in its name. */
  | { readonly type: 'attribute'; readonly name: string }
  /** A function or, between two of them, an operator. */
  | { readonly type: 'call'; readonly of: keyof typeof functions; readonly to: readonly Expression[] };

/** How each is written, and the name that CEL knows it by. @see https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions */
const functions = {
  and: { name: '_&&_', text: (a = '', b = '') => `(${a} && ${b})` },
  or: { name: '_||_', text: (a = '', b = '') => `(${a} || ${b})` },
  not: { name: '!_', text: (a = '') => `!${a}` },
  less: { name: '_<_', text: (a = '', b = '') => `(${a} < ${b})` },
  in: { name: '@in', text: (a = '', b = '') => `(${a} in ${b})` },
  at: { name: '_[_]', text: (a = '', b = '') => `${a}[${b}]` },
  choose: { name: '_?_:_', text: (a = '', b = '', c = '') => `(${a} ? ${b} : ${c})` },
  endsWith: { name: 'endsWith', text: (a = '', b = '') => `${a}.endsWith(${b})` },
  getMilliseconds: { name: 'getMilliseconds', text: (a = '') => `${a}.getMilliseconds()` },
} as const;

/** Those that are called on their first argument. */
const methods: readonly string[] = ['endsWith', 'getMilliseconds'];

/** Makes one. */
export const literal = (value: string | number | boolean): Expression => ({ type: 'literal', value });
/** Makes one. */
export const attribute = (name: string): Expression => ({ type: 'attribute', name });
/** Makes one. */
export const call = (of: keyof typeof functions, ...to: readonly Expression[]): Expression => ({ type: 'call', of, to });

/** As people write it. */
export function textOf(expression: Expression): string {
  switch (expression.type) {
    case 'literal':
      return typeof expression.value === 'string' ? `'${expression.value}'` : String(expression.value);
    case 'attribute':
      return expression.name;
    case 'call':
      return functions[expression.of].text(...expression.to.map(textOf));
  }
}

/** As a parser would give it. */
export function parsed(expression: Expression): Message<'cel.expr.ParsedExpr'> {
  let last = 0;
  const node = (kind: Node): Node => ({ id: String(++last), ...kind });
  const attributeNode = ([name = '', ...fields]: readonly string[]): Node =>
    fields.reduce((operand: Node, field) => node({ select_expr: { operand, field } }), node({ ident_expr: { name } }));
  const treeOf = (one: Expression): Node => {
    if (one.type === 'attribute') return attributeNode(one.name.split('.'));
    if (one.type === 'call') {
      const args = one.to.map(treeOf);
      const [target, ...others] = args;
      const { name } = functions[one.of];
      return node({ call_expr: target && methods.includes(one.of) ? { target, function: name, args: others } : { function: name, args } });
    }
    const { value } = one;
    if (typeof value === 'string') return node({ const_expr: { string_value: value } });
    return node({ const_expr: typeof value === 'number' ? { int64_value: String(value) } : { bool_value: value } });
  };
  return { expr: treeOf(expression) };
}
