import { describe, expect, it } from '@jest/globals';
import { internalTopicsAmong } from './reset-application.ts';

describe('the internal topics of an application', () => {
  it('are those that begin with its id and end as those of Kafka Streams do', () => {
    const internal = [
      'shop-counts-changelog',
      'shop-by-word-repartition',
      'shop-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000006-topic',
      'shop-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-0000000014-topic',
      'shop-join-subscription-registration-topic',
      'shop-join-subscription-response-topic',
    ];
    const others = [
      'shop-orders',
      'counts-changelog',
      'shopping-counts-changelog',
      'shop-changelog-archive',
      'shop-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-x-topic',
    ];

    expect(internalTopicsAmong([...internal, ...others], 'shop', ['shop'])).toEqual(internal);
  });

  it('are not those of an application with a longer id', () => {
    const topics = ['shop-counts-changelog', 'shop-eu-counts-changelog'];

    expect(internalTopicsAmong(topics, 'shop', ['shop', 'shop-eu'])).toEqual(['shop-counts-changelog']);
    expect(internalTopicsAmong(topics, 'shop-eu', ['shop', 'shop-eu'])).toEqual(['shop-eu-counts-changelog']);
  });
});
