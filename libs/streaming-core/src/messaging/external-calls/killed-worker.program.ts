import { Pool } from 'pg';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { pgDatabase } from '../../postgres/index.ts';
import { createExternalCallWorker } from './worker.ts';

/**
 * A process that kills itself after the provider has committed and before the result is recorded.
 * Its arguments are the database URL and the kind.
 */
const [url, kind = ''] = process.argv.slice(2);
const pool = new Pool({ connectionString: url });
createExternalCallWorker({
  database: pgDatabase(pool),
  kind,
  clock: systemClock,
  logger: silentLogger,
  callTimeoutMs: 200,
  leaseMs: 300,
  async call({ key }) {
    await pool.query('INSERT INTO provider VALUES ($1, 1)', [key]);
    process.kill(process.pid, 'SIGKILL');
  },
  complete: () => Promise.resolve(),
}).start();
