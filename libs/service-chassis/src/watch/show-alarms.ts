import { Gauge, type Registry } from 'prom-client';
import type { Health } from '../health/health.ts';
import { alarmNames, type Alarms } from './alarms.ts';

export interface AlarmDisplays {
  readonly alarms: Alarms;
  readonly health: Health;
  readonly registry: Registry;
}

/** Alarms as `/readyz` and `/metrics` show them. They make nobody unready: a service that is behind must go on. */
export function showAlarms({ alarms, health, registry }: AlarmDisplays): void {
  health.add('alarms', () => ({ healthy: true, details: { active: alarms.active() } }));
  new Gauge({
    name: 'millrace_alarm_active',
    help: '1 for each alarm that is raised, with the place that it is about; 0, without a place, for one that is not',
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
