import type { LogsMeasured } from './measure-logs.ts';

/** The share of the wanted rate that the producers must reach, and of the lag that must have grown. */
const rateShareMin = 0.98;
const lagShareMin = 0.8;
const brokerMbMax = 300;

/** Returns what breaks the promises, one line each. */
export function logsProblems(measured: LogsMeasured): readonly string[] {
  const {
    perSecond,
    seconds,
    heldAt,
    alone,
    beside,
    brokerPeakMb,
    lag,
    indexed,
    sameChecksum,
    plantedFound,
  } = measured;
  const lagMin = (perSecond - heldAt) * seconds * lagShareMin;
  return [
    ...[alone, beside]
      .filter((each) => each.perSecond < perSecond * rateShareMin)
      .map((each) => `the producers sent ${each.perSecond} lines/s instead of ${perSecond}`),
    ...(brokerPeakMb > brokerMbMax ? [`the broker took ${Math.round(brokerPeakMb)} MB`] : []),
    ...(lag < lagMin ? [`only ${lag} lines waited: the sink was not held`] : []),
    ...(indexed === beside.lines ? [] : [`${beside.lines} lines were sent, and ${indexed} are indexed`]),
    ...(sameChecksum ? [] : ['the checksums of the lines differ']),
    ...(plantedFound === 1 ? [] : [`the planted line was found ${plantedFound} times`]),
  ];
}
