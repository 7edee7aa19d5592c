import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Argument, Command, Option } from 'commander';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { completionSpec } from './spec.ts';
import { zshCompletion } from './zsh.ts';

function program(): Command {
  const command = new Command('sluice');
  command
    .command('get')
    .description("what is served: it's a table")
    .addArgument(new Argument('<type>').choices(['listeners', 'clusters']))
    .argument('[name]')
    .addOption(new Option('-o, --output <format>', 'form [of the answer]').choices(['table', 'json']))
    .option('-w, --watch', 'again');
  command.command('lint').description('for CI').argument('<dir...>').option('--strict', 'warnings too');
  return command;
}
const spec = completionSpec(program());

test('the commands of a program are read', () => {
  assert.deepEqual(spec.commands[0]?.arguments[0], { name: 'type', value: { type: 'words', words: ['listeners', 'clusters'] }, isVariadic: false });
  assert.deepEqual(spec.commands[0]?.options[0], {
    long: '--output',
    short: '-o',
    description: 'form [of the answer]',
    value: { type: 'words', words: ['table', 'json'] },
  });
  assert.deepEqual(spec.commands[1]?.arguments[0], { name: 'dir', value: { type: 'path' }, isVariadic: true });
});

const completed: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['sluice', 'g'], ['get']],
  [['sluice', '--v'], ['--version']],
  [
    ['sluice', 'get', ''],
    ['listeners', 'clusters'],
  ],
  [['sluice', 'get', 'c'], ['clusters']],
  [
    ['sluice', 'get', 'clusters', '-o', ''],
    ['table', 'json'],
  ],
  [['sluice', 'get', '--output', 'j'], ['json']],
  [
    ['sluice', 'get', '--'],
    ['--output', '--watch', '--help'],
  ],
  [['sluice', 'lint', '--s'], ['--strict']],
  [['sluice', 'lint', `${import.meta.dirname}/ba`], [`${import.meta.dirname}/bash.ts`]],
];
for (const [words, offered] of completed) {
  test(`bash completes ${words.slice(0, -1).join(' ')} [${words.at(-1)?.split('/').at(-1)}]`, () => {
    const list = words.map((word) => `'${word}'`).join(' ');
    const script = `${bashCompletion(spec)}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.deepEqual(stdout.trimEnd().split('\n').sort(), [...offered].sort());
  });
}

test('zsh is told of every command, with its text quoted', () => {
  const script = zshCompletion(spec);
  assert.match(script, /^#compdef sluice\n/);
  assert.ok(script.includes("'get:what is served: it'\\''s a table'"));
  assert.ok(script.includes("'*--output[form \\[of the answer\\]]:value:(table json)'"));
  assert.ok(script.includes("':type:(listeners clusters)'"));
  assert.ok(script.includes("'*:dir:_files'"));
});

test('fish is told of every command, with its text quoted', () => {
  const lines = fishCompletion(spec).split('\n');
  assert.ok(lines.includes("complete -c sluice -n __fish_use_subcommand -a get -d 'what is served: it\\'s a table'"));
  assert.ok(lines.includes("complete -c sluice -n '__fish_seen_subcommand_from get' -a 'listeners clusters'"));
  assert.ok(lines.includes("complete -c sluice -n '__fish_seen_subcommand_from get' -s o -l output -x -a 'table json' -d 'form [of the answer]'"));
  assert.ok(lines.includes("complete -c sluice -n '__fish_seen_subcommand_from lint' -F"));
});
