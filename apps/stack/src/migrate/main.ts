import { join } from 'node:path';
import { z } from 'zod';
import { keysUrlPattern } from '../definition/keys.ts';
import { withApps } from '../definition/with-apps.ts';
import { runProgram, wholeMilliseconds } from '../program.ts';
import { setUp } from '../setup/migrate.ts';
import { requiredCluster } from '../setup/cluster-settings.ts';
import { stack } from '../stack.ts';
import { provideOpsToken } from './ops-token.ts';
import { waitForEngines } from './wait-for-engines.ts';

const settings = {
  POSTGRES_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\/[^/\s]+\/?$/,
      'must be postgres://USER:PASSWORD@HOST:PORT, without a database',
    ),
  KEYS_DATABASE_URL: z.string().regex(keysUrlPattern, 'must be postgres://USER:PASSWORD@HOST:PORT/DATABASE'),
  MIGRATE_WAIT_MS: wholeMilliseconds.default(120_000),
  OPS_TOKEN_FILE: z.string().optional(),
};

const remedies = {
  failure: 'Fix that and run it again',
  foreignData: 'With containers: docker compose down --volumes deletes both',
};

/**
 * Runs the setup step as a program of its own, for setups without `npm start`. It creates
 * databases, tables, topics, those of optional apps too, and the token of the operator API, then ends.
 */
await runProgram(
  'migrate',
  settings,
  async (
    { POSTGRES_URL, KEYS_DATABASE_URL: keysUrl, MIGRATE_WAIT_MS: waitMsMax, OPS_TOKEN_FILE: tokenFile },
    { logger, signal },
  ) => {
    if (tokenFile !== undefined) provideOpsToken(tokenFile, logger);
    const postgresUrl = POSTGRES_URL.replace(/\/$/, '');
    const log = requiredCluster(process.env);
    await waitForEngines({ postgresUrl, keysUrl, log }, { waitMsMax, logger, signal });
    const workspace = join(import.meta.dirname, '../../../..');
    const target = { postgresUrl, keysUrl, log, workspace, environment: process.env, remedies };
    await setUp(withApps(stack, new Set(['all'])), target, logger);
    logger.info({}, 'databases, tables and topics are ready');
  },
);
