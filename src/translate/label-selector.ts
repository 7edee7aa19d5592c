/**
 * Whether labels are those that a text selects, as `kubectl -l` takes it: `a=b`, `a==b`, `a!=b`, `a`, `!a`, `a in (b, c)` and
 * `a notin (b, c)`, with commas between. A text that is none of these selects nothing.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function selectsLabels(text: string, labels: Readonly<Record<string, string>>): boolean {
  return text.split(/,(?![^(]*\))/).every((part) => requirementHolds(part.trim(), labels));
}

function requirementHolds(part: string, labels: Readonly<Record<string, string>>): boolean {
  const [, key = '', not, values = ''] = /^([\w./-]+)\s+(not)?in\s*\(([^)]*)\)$/.exec(part) ?? [];
  const value = labels[key];
  if (key !== '') {
    const isIn = value !== undefined && values.split(',').some((one) => one.trim() === value);
    return isIn === (not === undefined);
  }
  const [, negation, name = '', operator, wanted = ''] = /^(!?)([\w./-]+)(?:\s*(==?|!=)\s*([\w.-]*))?$/.exec(part) ?? [];
  if (name === '' || (negation === '!' && operator !== undefined)) return false;
  if (operator === undefined) return (labels[name] !== undefined) === (negation === '');
  return (labels[name] === wanted) === (operator !== '!=');
}
