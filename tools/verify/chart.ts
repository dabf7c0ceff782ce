import { chartSchemas, helm, kubernetesVersion } from '../install/helm.ts';
import type { LongRun } from './long-run.ts';
import { recordedTarget } from './recorded-target.ts';

/** Renders the Helm chart and compares what comes out with the schemas of Kubernetes and KEDA. */
export const chart: LongRun = {
  summary: 'the Helm chart, with Helm, which is built from its Go module; records when it passed',
  async main(args) {
    if (args.length > 0) throw new Error(`chart has no option ${args.join(' ')}`);
    await provideHelm();
    process.env.MILLRACE_CHART_SCHEMAS = await chartSchemas();
    return recordedTarget('verify-helm');
  },
};

/** Provides Helm for the tests, which find it through the environment. */
export async function provideHelm(): Promise<void> {
  process.env.MILLRACE_HELM = await helm();
  process.env.MILLRACE_KUBERNETES = kubernetesVersion;
}
