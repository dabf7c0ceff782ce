import { median, round } from '../numbers.ts';
import { table, verdictTable, type Cell } from '../report.ts';

export const views = ['none', 'no page', 'overview', 'order'] as const;
/** What is open: no console at all, a console without a browser, or one page in a browser. */
export type View = (typeof views)[number];

export interface ConsoleNumbers {
  /** The seconds until `npm start` is ready on an empty data folder. */
  readonly starts: readonly { readonly console: boolean; readonly seconds: number }[];
  /** CPU ms per second of all processes of the stack, and of its console, at so many orders per second. */
  readonly cpu: readonly {
    readonly view: View;
    readonly rate: number;
    readonly ofStack: number;
    readonly ofConsole: number;
  }[];
  readonly pssMb: Readonly<Record<'idle' | 'onePage' | 'used' | 'smallestNest', number>>;
}

export interface ConsoleFacts {
  readonly machine: string;
  readonly date: string;
  readonly command: string;
  readonly loadBefore: number;
}

const names: Readonly<Record<View, string>> = {
  none: 'no console',
  'no page': 'a console without a browser',
  overview: 'the overview in a browser',
  order: 'the page of an order in a browser',
};

export function renderPage({ starts, cpu, pssMb }: ConsoleNumbers, facts: ConsoleFacts): string {
  const rates = [...new Set(cpu.map(({ rate }) => rate))];
  const busy = Math.max(...rates);
  const of = (view: View, rate: number, part: 'ofStack' | 'ofConsole') =>
    median(cpu.filter((each) => each.view === view && each.rate === rate).map((each) => each[part]));
  const secondsOf = (console: boolean) =>
    starts.filter((each) => each.console === console).map(({ seconds }) => seconds);
  const later = median(secondsOf(true)) - median(secondsOf(false));
  const spread = Math.max(...secondsOf(false)) - Math.min(...secondsOf(false));
  const more = 100 * (of('overview', busy, 'ofStack') / of('none', busy, 'ofStack') - 1);
  const alone = of('no page', 0, 'ofConsole');
  return [
    '# What the console costs',
    `${facts.machine}. ${facts.date}, load average before: ${facts.loadBefore.toFixed(2)}. \`${facts.command}\` printed ` +
      'this. All kinds took turns, there and back, and the medians are shown. CPU is that of all processes of the ' +
      'stack, without the browser and the bench. A console that is paused stands for none.',
    verdictTable([
      {
        what: '`npm start` is ready',
        target: 'not later',
        measured: `${later.toFixed(2)} s later; starts without a console differ by ${spread.toFixed(2)} s`,
        met: later <= spread,
      },
      {
        what: `CPU of the stack with the overview open, at ${busy} orders per second`,
        target: '< 5 % more',
        measured: `${more.toFixed(1)} %`,
        met: more < 5,
      },
      {
        what: 'CPU of a console without a browser',
        target: '<= 2 ms per second',
        measured: `${alone.toFixed(2)} ms`,
        met: alone <= 2,
      },
    ]),
    table(
      [
        'CPU ms per second',
        ...rates.flatMap((rate) => [`stack, ${rate} orders/s`, `console, ${rate} orders/s`]),
      ],
      views.map((view): Cell[] => [
        names[view],
        ...rates.flatMap((rate) => [
          round(of(view, rate, 'ofStack')),
          of(view, rate, 'ofConsole').toFixed(2),
        ]),
      ]),
    ),
    table(
      ['memory (PSS)', 'MB'],
      [
        ['console before the first page', round(pssMb.idle)],
        ['console with one page', round(pssMb.onePage)],
        ['console after use of all pages', round(pssMb.used)],
        [
          'a Nest process on fastify without a controller, bundled and started alike',
          round(pssMb.smallestNest),
        ],
      ],
    ),
    table(
      ['seconds until `npm start` is ready', ''],
      [true, false].map((console) => [
        console ? 'with the console' : 'without',
        secondsOf(console)
          .map((seconds) => seconds.toFixed(2))
          .join(', '),
      ]),
    ),
  ].join('\n\n');
}
