import { describe, expect, it } from '@jest/globals';
import { shownValidation } from '../rest/shown.ts';
import { fileLinesSink } from '../tiny-connectors.fixture.ts';
import type { ConnectSetting } from '../plugin/setting.ts';
import { pluginTable } from './plugin-table.ts';
import { validateFields } from './validation.ts';

const password: ConnectSetting = {
  name: 'password',
  type: 'PASSWORD',
  optional: true,
  importance: 'LOW',
  doc: '',
};
const plugins = pluginTable({
  connectors: [{ ...fileLinesSink, settings: [...fileLinesSink.settings, password] }],
});
const defaults = () => ({
  'key.converter': 'JsonConverter',
  'value.converter': 'JsonConverter',
  'header.converter': 'SimpleHeaderConverter',
});
const validated = (settings: Readonly<Record<string, string>>) =>
  validateFields(
    { plugins, defaults },
    { name: 'c', 'connector.class': fileLinesSink.class, file: 'x', ...settings },
  );
const errorsOf = (settings: Readonly<Record<string, string>>) =>
  validated(settings).settings.flatMap(({ errors }) => errors);

describe('a configuration', () => {
  it('means the same in any letter case and with spaces around numbers, as in Kafka', () => {
    const { config, errorCount } = validated({
      topics: 'x',
      'errors.tolerance': 'ALL',
      'errors.log.enable': ' True ',
      'tasks.max': ' 2 ',
      'value.converter.decimal.format': 'numeric',
      'value.converter': 'JsonConverter',
    });
    expect(errorCount).toBe(0);
    expect(config).toMatchObject({
      'errors.tolerance': 'all',
      'errors.log.enable': 'true',
      'tasks.max': '2',
      'value.converter.decimal.format': 'NUMERIC',
      file: 'x',
    });
  });

  it('is refused with the part of its expression that is not supported', () => {
    const errors = errorsOf({ 'topics.regex': 'o++', 'errors.deadletterqueue.topic.name': 'dead' });
    expect(errors).toEqual([expect.stringContaining('Invalid regular expression: o++: ')]);
  });

  it('is shown without its passwords', () => {
    const { configs } = shownValidation(fileLinesSink.class, validated({ topics: 'x', password: 'secret' }));
    expect(JSON.stringify(configs)).not.toContain('secret');
    expect(configs.find(({ value }) => value.name === 'password')?.value.value).toBe('[hidden]');
  });
});
