import { days, hours, minutes, seconds, type DurationMs } from '@millrace/streaming-core/runtime';

const form = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * Reads a duration of ISO 8601 with days, hours, minutes and seconds, such as `P1DT12H`. Returns
 * undefined for any other text: months and years have no fixed length.
 */
export function isoDurationMs(text: string): DurationMs | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [ofDays = 0, ofHours = 0, ofMinutes = 0, ofSeconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return days(ofDays) + hours(ofHours) + minutes(ofMinutes) + seconds(ofSeconds);
}
