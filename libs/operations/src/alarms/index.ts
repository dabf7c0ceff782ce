export {
  createAlarms,
  type ActiveAlarm,
  type AlarmPlace,
  type AlarmReading,
  type Alarms,
  type AlarmThresholds,
} from './alarms.ts';
export { judgedMetrics, pagesIn, type Page, type Sample } from './page-rules.ts';
export { alarmTable, type AlarmName, type AlarmSetting } from './alarm-table.ts';
