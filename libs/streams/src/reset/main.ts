/** `npm run streams-reset -- --application-id ID`: `reset-options.ts` has the options. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { connectAdmin, readConnectionSecurity } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { deleteState, stateFolderOf, resetApplication, reportOf } from './reset-application.ts';
import { readResetOptions, usage, type ResetOptions } from './reset-options.ts';

async function run({ bootstrapServers, request, stateDir }: ResetOptions): Promise<string> {
  const security = readConnectionSecurity(process.env);
  const clientId = 'millrace-streams-reset';
  await using admin = connectAdmin({ bootstrapServers, clientId, security, logger: silentLogger });
  // Everything is checked before the state is deleted, since the deletion may be refused as well.
  await resetApplication(admin, { ...request, dryRun: true });
  const stateFolder = removed(request, stateDir);
  const reset = await resetApplication(admin, request);
  return reportOf({ ...reset, stateFolder }, request.dryRun);
}

function removed({ applicationId, dryRun }: ResetOptions['request'], stateDir?: string): string | undefined {
  if (stateDir === undefined) return undefined;
  // npm starts this in the workspace's root, but the folder is relative to the operator's.
  const named = resolve(process.env.INIT_CWD ?? process.cwd(), stateDir);
  if (!existsSync(named))
    throw new TypeError(
      `--state-dir ${named} does not exist: give the folder that the application has as stateDir`,
    );
  return dryRun ? stateFolderOf(named, applicationId) : deleteState(named, applicationId, randomUUID);
}

try {
  const options = readResetOptions(process.argv.slice(2));
  process.stdout.write(`${options === 'help' ? usage : await run(options)}\n`);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`streams-reset: ${message.replaceAll('\n', ' ')}\n`);
  process.exitCode = 1;
}
