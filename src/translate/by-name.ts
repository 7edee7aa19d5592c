/** In order of their names, each of which stands once: so that what is made of a list does not depend on how it was gathered. */
export function byName<T extends { readonly name: string }>(list: Iterable<T>): readonly T[] {
  return [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
}
