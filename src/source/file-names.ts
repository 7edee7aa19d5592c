/**
 * Whether a folder's entry of this name is read or entered at all. Hidden ones are not: they are what editors and version
 * control leave behind, and the `..data` of a mounted ConfigMap, whose files are linked to from beside it.
 */
export function isVisible(name: string): boolean {
  return name !== '' && !name.startsWith('.');
}

/** Whether a file of this name, found in a folder, holds objects. Backups of editors (`a.yaml~`, `#a.yaml#`, `a.yaml.swp`) do not. */
export function isObjectFile(name: string): boolean {
  return isVisible(name) && !name.startsWith('#') && /\.(ya?ml|json)$/i.test(name);
}
