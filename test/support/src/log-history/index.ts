export { checkLogHistory, countHistory, type HistoryCounts } from './check-log-history.ts';
export type { LogAnomaly, LogAnomalyKind, LogHistory, Poll, PolledRecord, Send } from './log-history.ts';
