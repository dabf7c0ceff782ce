import { provideProgram } from '../install/provide-program.ts';
import { provideHelm } from './chart.ts';
import type { LongRun } from './long-run.ts';
import { recordedTarget } from './recorded-target.ts';

/** Runs what the chart renders with podman, on images that the container engine builds. */
export const chartRuns: LongRun = {
  summary: 'what the Helm chart renders, on podman; records when it passed',
  async main(args) {
    if (args.length > 0) throw new Error(`chart-runs has no option ${args.join(' ')}`);
    await provideHelm();
    const neededFor = 'the run of what the Helm chart renders';
    for (const name of ['podman', 'runc', 'conmon', 'catatonit']) await provideProgram({ name, neededFor });
    for (const name of ['netavark', 'aardvark-dns'])
      await provideProgram({ name: `/usr/lib/podman/${name}`, debianPackage: name, neededFor });
    return recordedTarget('verify-play');
  },
};
