import { signal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import type { ChartPoint } from '../../api/charts.ts';
import { isDark } from '../../kit/theme.tsx';
import { useWidth } from '../../kit/width.ts';
import type { Line } from './charts-model.ts';

/** Undefined until the first drawing has loaded it. No other page needs it. */
const library = signal<typeof uPlot | undefined>(undefined);

const height = 190;
/** The number of colours in the styles. From the seventh line on they are repeated, dashed. */
const colours = 6;
/** The smallest ranges of the axes, so that small values do not look large. */
const atLeast = { seconds: 300, value: 4 };
const minutes = [1, 2, 5, 10, 15, 20, 30].map((each) => each * 60);
const wholes = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((power) => [1, 2, 5].map((each) => each * 10 ** power));

interface DrawingProps {
  readonly points: readonly ChartPoint[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** The text of the drawing for screen readers. */
  readonly label: string;
  /** The index of the point under the pointer, in all charts. */
  readonly pointedAt: Signal<number | undefined>;
}

export function Drawing({ points, lines, format, label, pointedAt }: DrawingProps) {
  useEffect(() => void import('uplot').then((loaded) => (library.value = loaded.default)), []);
  const { place, width } = useWidth({ first: 0, min: 240 });
  const plot = useRef<uPlot | null>(null);
  const times = points.map(({ atMs }) => atMs / 1_000);
  const data = [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
  const names = lines.map(({ name }) => name).join();
  useEffect(() => {
    const element = place.current;
    if (library.value === undefined || element === null || width.value === 0) return undefined;
    const colourOf = (token: string): string => {
      element.style.color = `var(${token})`;
      return getComputedStyle(element).color;
    };
    const axis = { stroke: colourOf('--quiet'), grid: { stroke: colourOf('--line'), width: 1 } };
    const options: uPlot.Options = {
      width: width.value,
      height,
      legend: { show: false },
      cursor: { sync: { key: 'charts' }, y: false, drag: { setScale: false } },
      hooks: { setCursor: [({ cursor: { idx } }) => (pointedAt.value = idx ?? undefined)] },
      scales: {
        x: { range: (_, from, to) => [Math.min(from, to - atLeast.seconds), to] },
        y: { range: (_, __, highest) => [0, Math.max(atLeast.value, highest * 1.1)] },
      },
      axes: [
        { ...axis, size: 28, incrs: minutes, values: (_, seconds) => seconds.map(clockOf) },
        { ...axis, size: 66, incrs: wholes, values: (_, values) => values.map(format) },
      ],
      series: [
        {},
        ...lines.map((_, index) => ({
          stroke: colourOf(`--series-${(index % colours) + 1}`),
          width: 1.5,
          dash: index % (2 * colours) < colours ? [] : [5, 4],
          points: { show: false },
        })),
      ],
    };
    plot.current = new library.value(options, data, element);
    return () => plot.current?.destroy();
  }, [library.value, names, width.value, isDark.value]);
  useEffect(() => plot.current?.setData(data), [points]);
  return <div class="drawing" ref={place} role="img" aria-label={label} />;
}

const clockOf = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(11, 16);
