import { provideProgram } from '../install/provide-program.ts';
import type { LongRun } from './long-run.ts';
import { recordedTarget } from './recorded-target.ts';

/** Runs the tests that need a Redis server, which CI does not have. */
export const redis: LongRun = {
  summary:
    'figures, read models and the Redis sink in Redis, which is installed from Debian; records when they passed',
  async main(args) {
    if (args.length > 0) throw new Error(`redis has no option ${args.join(' ')}`);
    await provideProgram({
      name: 'redis-server',
      neededFor: 'the tests with Redis',
    });
    await provideProgram({ name: 'psql', debianPackage: 'postgresql-client', neededFor: 'the how-to page' });
    await provideProgram({ name: 'redis-cli', debianPackage: 'redis-tools', neededFor: 'the how-to page' });
    return recordedTarget('verify-redis');
  },
};
