import { kafkaVersion } from '@millrace/embedded-kafka';
import type { ConformanceCase, ForeignClient } from '../conformance-case.ts';
import { javaAdminCases } from './java-tools-admin.ts';
import { javaGroupCases } from './java-tools-groups.ts';
import { javaRecordCases } from './java-tools-records.ts';
import { javaTransactionCases } from './java-tools-transactions.ts';
import { compilePrograms, JavaRunner } from './java-runner.ts';
import { JavaTool } from './java-tool.ts';

/** A case that can use Kafka's programs. */
export interface JavaCase extends Omit<ConformanceCase, 'run'> {
  run(tool: JavaTool, context: Parameters<ConformanceCase['run']>[0]): Promise<void>;
}

export const javaTools: ForeignClient = {
  name: 'java',
  title: "the Java client with Kafka's command-line programs, from Maven Central; several run in one JVM",
  quick: true,
  async prepare({ print }) {
    const runner = new JavaRunner(await compilePrograms(print));
    const all = [...javaAdminCases, ...javaRecordCases, ...javaGroupCases, ...javaTransactionCases];
    return {
      version: kafkaVersion(),
      cases: all.map((each) => ({
        ...each,
        run: (context) => each.run(new JavaTool(runner, context), context),
      })),
      close: () => runner.close(),
    };
  },
};
