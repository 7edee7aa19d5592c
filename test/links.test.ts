import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, test } from 'node:test';

const root = join(import.meta.dirname, '..');
const pages = globSync(['*.md', '{docs,examples,envoy}/**/*.md'], { cwd: root, exclude: ['**/node_modules/**'] }).sort();

/** What a page points to inside of the repository: `[text](target)`, outside of code. */
function targets(text: string): readonly string[] {
  const prose = text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '');
  const found = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
  return found.filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that headings get: as GitHub makes them. */
function anchors(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('links', () => {
  for (const page of pages) {
    test(page, () => {
      const file = join(root, page);
      for (const target of targets(readFileSync(file, 'utf8'))) {
        const [path = '', anchor] = target.split('#');
        const aim = path === '' ? file : join(dirname(file), path);
        assert.ok(existsSync(aim), `${target} is not there`);
        if (anchor !== undefined) assert.ok(anchors(readFileSync(aim, 'utf8')).includes(anchor), `${target}: no such heading`);
      }
    });
  }

  test('every page of docs/ can be found from its index', () => {
    const index = join(root, 'docs/README.md');
    const linked = targets(readFileSync(index, 'utf8')).map((target) => relative(root, join(dirname(index), target.split('#')[0] ?? '')));
    const inDocs = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md' && !page.startsWith('docs/decisions/'));
    assert.deepEqual(
      inDocs.filter((page) => !linked.includes(page)),
      [],
    );
  });
});
