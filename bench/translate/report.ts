import type { Measurement } from './measurement.ts';

/** The figures beside their controls. */
export function report({ ingresses, hosts, parsed, read, built, changed, joined, joinedBytes, changedResources }: Measurement): string {
  const first = read + built;
  return [
    `${ingresses} Ingresses of ${hosts} host names, a third with annotations; processor time`,
    `  files to the first snapshot   ${ms(first)}  (read ${ms(read)}, built ${ms(built)})`,
    `  control: the YAML only parsed ${ms(parsed)}`,
    `  ratio                         ${(first / parsed).toFixed(2)}`,
    `  one changed Ingress           ${ms(changed)}  (${changedResources} resource${changedResources === 1 ? '' : 's'} with other bytes)`,
    `  and its bytes in one piece    ${ms(joined)}  (${(joinedBytes / 2 ** 20).toFixed(1)} MiB)`,
    `  control: all of them          ${ms(first)}`,
    `  ratio                         1 : ${(first / changed).toFixed(0)}, with the one piece 1 : ${(first / joined).toFixed(0)}`,
  ].join('\n');
}

function ms(value: number): string {
  return `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
