export {
  createAlarms,
  type ActiveAlarm,
  type AlarmPlace,
  type AlarmReading,
  type Alarms,
  type AlarmThresholds,
} from './alarms.ts';
export { alarmTable, type AlarmName, type AlarmSetting } from './alarm-table.ts';
