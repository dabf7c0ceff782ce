import { provideProgram } from '../install/provide-program.ts';
import type { LongRun } from './long-run.ts';
import { recordedTarget } from './recorded-target.ts';

/** Runs the tests that need OpenSearch, which CI does not have. */
export const opensearch: LongRun = {
  summary: 'the OpenSearch sink, on a node whose jars come from Maven Central; records when it passed',
  async main(args) {
    if (args.length > 0) throw new Error(`opensearch has no option ${args.join(' ')}`);
    const neededFor = 'the tests with OpenSearch';
    if (!process.env.JAVA_HOME)
      await provideProgram({ name: 'javac', debianPackage: 'openjdk-17-jdk-headless', neededFor });
    await provideProgram({ name: 'mvn', debianPackage: 'maven', neededFor });
    return recordedTarget('verify-opensearch');
  },
};
