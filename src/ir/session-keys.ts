/** Keys of sessions by namespace, as the secret of a group holds them: `;NAMESPACE=KEY;NAMESPACE=KEY;`, `;` alone where there is none. */
export function sessionKeysText(keys: ReadonlyMap<string, string>): string {
  return [...keys].sort(([a], [b]) => (a < b ? -1 : 1)).reduce((text, [namespace, key]) => `${text}${namespace}=${key};`, ';');
}

/** The keys in such a text, by namespace. */
export function sessionKeysIn(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/([^;=]+)=([^;]+)/g)].map(([, namespace = '', key = '']) => [namespace, key]));
}
