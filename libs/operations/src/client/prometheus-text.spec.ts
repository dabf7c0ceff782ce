import { describe, expect, it } from '@jest/globals';
import { samplesIn } from './prometheus-text.ts';

describe('the samples of /metrics', () => {
  it('have names, labels and values, and comments are none', () => {
    const text = [
      '# HELP a_total counts, "quoted" {braces} 7',
      '# TYPE a_total counter',
      'a_total 3',
      String.raw`b{service="order",reason="a \"b\", {c} \\ d\ne"} 1.5e3 1700000000`,
      'c{le="+Inf"} +Inf',
      '',
    ].join('\n');
    expect(samplesIn(text)).toEqual([
      { name: 'a_total', labels: {}, value: 3 },
      { name: 'b', labels: { service: 'order', reason: 'a "b", {c} \\ d\ne' }, value: 1_500 },
      { name: 'c', labels: { le: '+Inf' }, value: Infinity },
    ]);
  });
});
