type Labels = Readonly<Record<string, string>>;

/** Returns the sum of a metric's time series that have these labels, or NaN when there is none. */
export type ReadMetric = (name: string, labels?: Labels) => number;

/** Scrapes a service once. */
export async function readMetrics(url: string): Promise<ReadMetric> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const series = [...text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/gm)].map(
    ([, name = '', labels = '', value]) => ({
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text]),
      ) as Labels,
      value: Number(value),
    }),
  );
  return (name, wanted = {}) => {
    const found = series.filter(
      (one) =>
        one.name === name && Object.entries(wanted).every(([label, text]) => one.labels[label] === text),
    );
    return found.length === 0 ? NaN : found.reduce((sum, { value }) => sum + value, 0);
  };
}
