/** A span of time in whole milliseconds. */
export type DurationMs = number;

export const milliseconds = (count: number): DurationMs => count;
export const seconds = (count: number): DurationMs => count * 1_000;
export const minutes = (count: number): DurationMs => seconds(count * 60);
export const hours = (count: number): DurationMs => minutes(count * 60);
export const days = (count: number): DurationMs => hours(count * 24);
