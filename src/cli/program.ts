import { Command } from 'commander';
import { readVersion } from '../version.ts';
import { addAuthz } from './authz.ts';
import { addBootstrap } from './bootstrap.ts';
import { addCertificates } from './certificates.ts';
import { addClients } from './clients.ts';
import { addCompletion } from './completion.ts';
import type { CommandContext } from './context.ts';
import { addDiff } from './diff.ts';
import { addDrain } from './drain.ts';
import { addExplain } from './explain.ts';
import { addGet } from './get.ts';
import { addHistory } from './history.ts';
import { addLint } from './lint.ts';
import { addMigrate } from './migrate.ts';
import { addPlan } from './plan.ts';
import { addConfirm, addDiscard, addPin, addRollback, addUnpin } from './release-commands.ts';
import { addServe } from './serve.ts';
import { addSnapshot } from './snapshot.ts';
import { addStatus } from './status.ts';
import { addTranslate } from './translate.ts';
import { addUp } from './up.ts';
import { addWhy } from './why.ts';

/** The whole command line; nothing runs yet. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('sluice')
    .description('An xDS control plane for stock Envoy: Kubernetes objects and plain YAML in, real traffic out.')
    .version(readVersion())
    .addHelpText('after', '\nExit status: 0 all is well, 1 problems were found, 2 it could not run. `sluice help COMMAND` shows examples.')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showSuggestionAfterError()
    .showHelpAfterError('`sluice help COMMAND` shows its arguments and options.')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => context.terminal.print(text.trimEnd()),
      writeErr: (text) => context.terminal.complain(text.trimEnd()),
      getOutHelpWidth: () => context.terminal.columns,
      getErrHelpWidth: () => context.terminal.columns,
    });
  const look = [addStatus, addSnapshot, addGet, addExplain, addWhy, addHistory, addDiff, addPlan, addLint, addTranslate, addMigrate, addClients];
  const steer = [addConfirm, addDiscard, addPin, addUnpin, addRollback, addDrain];
  for (const add of [addUp, addServe, addAuthz, addBootstrap, addCertificates, ...look, ...steer, addCompletion]) add(program, context);
  return program;
}
