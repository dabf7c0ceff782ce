import { provideProgram } from '../install/provide-program.ts';
import type { LongRun } from './long-run.ts';
import { recordedTarget } from './recorded-target.ts';

/** Runs the guide's connector for MySQL with MariaDB, on Kafka's own Connect and the embedded broker. */
export const mariadb: LongRun = {
  summary:
    "the guide's connector for MySQL, on Kafka's own Connect with Debezium and MariaDB, which is installed from " +
    'Debian; records when it passed',
  async main(args) {
    if (args.length > 0) throw new Error(`mariadb has no option ${args.join(' ')}`);
    const neededFor = "the test of the guide's connector";
    await provideProgram({ name: 'mariadbd', debianPackage: 'mariadb-server-core', neededFor });
    await provideProgram({ name: 'mariadb', debianPackage: 'mariadb-client-core', neededFor });
    return recordedTarget('verify-mariadb');
  },
};
