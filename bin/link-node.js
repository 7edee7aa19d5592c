// Runs first in `prepare`, under whatever Node the machine has: makes sure that `node_modules/.bin/node` is the one that came
// with the packages. npm 9 installs the package but forgets the link.
import { existsSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules');
const names = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`];
const found = names.find((name) => existsSync(join(modules, name, 'bin', 'node')));
const link = join(modules, '.bin', 'node');
if (found && !existsSync(link)) symlinkSync(join('..', found, 'bin', 'node'), link);
