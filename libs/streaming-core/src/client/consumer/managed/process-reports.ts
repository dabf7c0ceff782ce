import { reportProcess, type ReportingGroup } from '../../operation-reports.ts';
import type { Delivered, LoopWatch } from './loop-watch.ts';

/** Reports what the loop has in hand on `tracing:millrace.client.process`. */
export class ProcessReports implements LoopWatch {
  readonly #group: ReportingGroup;
  #end: (() => void) | undefined;

  constructor(group: ReportingGroup) {
    this.#group = group;
  }

  onAsked(): void {
    this.#end?.();
    this.#end = undefined;
  }

  onHanded(delivered: Delivered): void {
    this.#end = reportProcess(this.#group, delivered);
  }

  onLeft(): void {
    this.onAsked();
  }
}
