import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLineReference } from './reference.ts';

test('the reference has every command with its examples, without the width of anyone’s terminal', () => {
  const page = commandLineReference();
  for (const command of [
    'up',
    'serve',
    'bootstrap',
    'status',
    'snapshot',
    'get',
    'explain',
    'why',
    'history',
    'diff',
    'plan',
    'lint',
    'translate',
    'completion',
  ]) {
    assert.match(page, new RegExp(`\n## sluice ${command}\n\n\`\`\`text\nUsage: sluice ${command} [^\`]*Examples:\n`), command);
  }
  for (const line of page.split('\n')) assert.ok(line.length <= 120, line);
});
