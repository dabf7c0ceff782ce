import { alarmTable, type AlarmName, type Alarms } from '@millrace/operations/alarms';
import { Gauge, type Registry } from 'prom-client';
import type { Health } from '../health/health.ts';

const alarmNames = Object.keys(alarmTable) as readonly AlarmName[];

interface AlarmDisplays {
  readonly alarms: Alarms;
  readonly health: Health;
  readonly registry: Registry;
}

/**
 * Shows the alarms on `/readyz` and `/metrics`. They do not make a service unready, because one
 * that is behind must keep working.
 */
export function showAlarms({ alarms, health, registry }: AlarmDisplays): void {
  health.add('alarms', () => ({ healthy: true, details: { active: alarms.active() } }));
  new Gauge({
    name: 'millrace_alarm_active',
    help:
      '1 for each raised alarm, with labels that locate it (group, topic, partition, definition, kind); ' +
      '0 without these labels for each alarm that is not raised',
    labelNames: ['alarm', 'group', 'topic', 'partition', 'definition', 'kind'] as const,
    registers: [registry],
    collect() {
      this.reset();
      const active = alarms.active();
      for (const alarm of alarmNames)
        if (!active.some((raised) => raised.alarm === alarm)) this.set({ alarm }, 0);
      for (const { alarm, place } of active) this.set({ alarm, ...place }, 1);
    },
  });
}
