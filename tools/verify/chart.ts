import { readResults } from '../ci/results.ts';
import { writeVerified } from '../ci/verified.ts';
import { chartSchemas, helm, kubernetesVersion } from '../install/helm.ts';
import { commit, lastLineOf, runLogged, type LongRun } from './long-run.ts';

/** Renders the Helm chart and compares what comes out with the schemas of Kubernetes and KEDA. */
export const chart: LongRun = {
  summary: 'the Helm chart, with Helm, which is built from its Go module; records when it passed',
  async main(args) {
    if (args.length > 0) throw new Error(`chart has no option ${args.join(' ')}`);
    process.env.MILLRACE_HELM = await helm();
    process.env.MILLRACE_CHART_SCHEMAS = await chartSchemas();
    process.env.MILLRACE_KUBERNETES = kubernetesVersion;
    const onCommit = commit();
    const command = ['nx', 'run', '@millrace/containers:verify-helm'];
    const { passed, output } = await runLogged('npx', command, 'tmp/verify/chart.log');
    process.stdout.write(passed ? `${lastLineOf(output)}\n` : output);
    if (passed)
      writeVerified(
        readResults().filter(({ target }) => target.endsWith(':verify-helm')),
        onCommit,
      );
    return passed;
  },
};
