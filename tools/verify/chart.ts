import { readResults } from '../ci/results.ts';
import { writeVerified } from '../ci/verified.ts';
import { chartSchemas, helm, kubernetesVersion } from '../install/helm.ts';
import { commit, lastLineOf, runLogged, type LongRun } from './long-run.ts';

/** Renders the Helm chart and compares what comes out with the schemas of Kubernetes and KEDA. */
export const chart: LongRun = {
  summary: 'the Helm chart, with Helm, which is built from its Go module; records when it passed',
  async main(args) {
    if (args.length > 0) throw new Error(`chart has no option ${args.join(' ')}`);
    await provideHelm();
    process.env.MILLRACE_CHART_SCHEMAS = await chartSchemas();
    return recorded('chart', 'verify-helm');
  },
};

/** Provides Helm for the tests, which find it through the environment. */
export async function provideHelm(): Promise<void> {
  process.env.MILLRACE_HELM = await helm();
  process.env.MILLRACE_KUBERNETES = kubernetesVersion;
}

/** Runs a target of the containers, and records its tests if all passed. */
export async function recorded(name: string, target: string): Promise<boolean> {
  const onCommit = commit();
  const command = ['nx', 'run', `@millrace/containers:${target}`];
  const { passed, output } = await runLogged('npx', command, `tmp/verify/${name}.log`);
  process.stdout.write(passed ? `${lastLineOf(output)}\n` : output);
  if (passed)
    writeVerified(
      readResults().filter((result) => result.target.endsWith(`:${target}`)),
      onCommit,
    );
  return passed;
}
