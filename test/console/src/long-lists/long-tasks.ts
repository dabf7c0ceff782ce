import type { Browser, Page } from 'playwright-core';

/** What the main thread of a page did during a step. */
export interface Measured {
  readonly step: string;
  readonly tasks: number;
  /** The longest task, with what others did on the processor meanwhile. */
  readonly wallMs: number;
  /** The most time of the processor that a task took. */
  readonly cpuMs: number;
  /** The elements on the page after the step. */
  readonly elements: number;
}

/** Trace Event Format of Chromium; times are in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const categories = ['disabled-by-default-devtools.timeline', '__metadata'];

/** Does a step on a page and measures every task that its main thread ran meanwhile. */
export async function measured(
  page: Page,
  step: string,
  work: (page: Page) => Promise<unknown>,
): Promise<Measured> {
  const browser = page.context().browser() as Browser;
  await browser.startTracing(page, { categories });
  await work(page);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args?.name === 'CrRendererMain';
  const main = new Set(traceEvents.filter(isMain).map(threadOf));
  const tasks = traceEvents.filter(
    (event) => event.name === 'RunTask' && event.ph === 'X' && main.has(threadOf(event)),
  );
  if (tasks.length === 0) throw new Error(`${step}: Chromium has traced no task of the page`);
  const most = (value: (task: TraceEvent) => number | undefined) =>
    Math.max(...tasks.map((task) => value(task) ?? NaN)) / 1_000;
  return {
    step,
    tasks: tasks.length,
    wallMs: most(({ dur }) => dur),
    cpuMs: most(({ tdur }) => tdur),
    elements: await page.locator('*').count(),
  };
}
