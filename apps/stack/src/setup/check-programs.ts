import { join } from 'node:path';
import { settingProblems, type Settings } from '@millrace/service-chassis/config';
import type { ServiceDefinition, StackDefinition } from '../definition/define-stack.ts';
import { brokerProgram, ownLog } from '../plan-log.ts';
import type { Program } from '../processes/launch-node.ts';
import { consoleProgram, servicePrograms } from '../service-programs.ts';
import { stateFolderName } from './data-folder.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type ProblemsOf = (environment: Environment) => readonly string[];

/**
 * The settings that the `config.ts` of an app exports. A service declares them, and the broker
 * checks its own.
 */
interface Declarations {
  readonly settings?: Settings;
  readonly settingProblems?: ProblemsOf;
}

/** Returns the problems with which the programs of a stack would refuse to start, each once. */
export type CheckPrograms = (
  definition: StackDefinition,
  given: { readonly environment: Environment; readonly dataFolder: string; readonly logLevel: string },
) => readonly string[];

/**
 * Placeholders for values that are known only once the stack runs and that the environment does not
 * set.
 */
const placeholders = {
  postgresUrl: 'postgres://millrace:millrace@127.0.0.1:1',
  smtpUrl: 'smtp://127.0.0.1:1',
  keysUrl: 'postgres://millrace:millrace@127.0.0.1:1/keys',
};

/** Loads the settings that each program declares in its own `config.ts`. Starts nothing. */
export async function loadProgramChecks({ services, console }: StackDefinition): Promise<CheckPrograms> {
  const others = console === undefined ? ['broker'] : ['broker', 'console'];
  const apps = new Set([...others, ...Object.values<ServiceDefinition>(services).map(({ app }) => app)]);
  const checks = new Map(
    await Promise.all([...apps].map(async (app) => [app, await problemsOf(app)] as const)),
  );
  return (definition, { environment, dataFolder, logLevel }) => {
    const { log } = definition;
    // The stack has already read the environment's cluster settings.
    const cluster = ownLog({ port: 1 }).environment;
    const told = ({ app, environment: own }: Program) =>
      checks.get(app)?.({ ...environment, LOG_LEVEL: logLevel, ...cluster, ...own }) ?? [];
    const programs = [
      ...(log.engine === 'embedded' ? [brokerProgram(log, dataFolder)] : []),
      ...servicePrograms(definition, {
        ...placeholders,
        stateFolder: join(dataFolder, stateFolderName),
        logFolder: join(dataFolder, 'logs'),
      }),
      ...(definition.console === undefined ? [] : [consoleProgram(definition.console, dataFolder)]),
    ];
    return [...new Set(programs.flatMap(told))];
  };
}

async function problemsOf(app: string): Promise<ProblemsOf> {
  const declared = (await import(`../../../${app}/src/config.ts`)) as Declarations;
  const { settings, settingProblems: ownProblems } = declared;
  if (ownProblems !== undefined) return ownProblems;
  if (settings === undefined)
    throw new Error(
      `apps/${app}/src/config.ts exports no \`settings\`, which the stack checks before it starts anything`,
    );
  return (environment) => settingProblems(settings, environment);
}
