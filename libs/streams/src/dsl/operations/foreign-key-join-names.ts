import type { OperatorNames } from '../operator-names.ts';

export interface ForeignKeyJoinNames {
  readonly subscriptionTopic: string;
  readonly send: string;
  readonly subscriptionSink: string;
  readonly subscriptionSource: string;
  readonly subscriptionStore: string;
  readonly receive: string;
  readonly join: string;
  readonly foreignTableJoin: string;
  readonly responseTopic: string;
  readonly responseSink: string;
  readonly responseSource: string;
  readonly resolver: string;
  readonly result: string;
}

const registration = 'KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-';
const processor = 'KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-';
const response = 'KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-';

/** Draws the names of a foreign-key join, in the order of Kafka Streams. */
export function foreignKeyJoinNames(names: OperatorNames, named: string | undefined): ForeignKeyJoinNames {
  const draw = (prefix: string, suffix: string) => names.suffixedNode(prefix, named, suffix);
  return {
    subscriptionTopic: `${draw(registration, '-subscription-registration')}-topic`,
    send: draw(registration, '-subscription-registration-processor'),
    subscriptionSink: draw('KTABLE-SINK-', '-subscription-registration-sink'),
    subscriptionSource: draw('KTABLE-SOURCE-', '-subscription-registration-source'),
    subscriptionStore: draw('KTABLE-FK-JOIN-SUBSCRIPTION-STATE-STORE-', '-subscription-store'),
    receive: draw(processor, '-subscription-receive'),
    join: draw(processor, '-subscription-join-foreign'),
    foreignTableJoin: draw(processor, '-foreign-join-subscription'),
    responseTopic: `${draw(response, '-subscription-response')}-topic`,
    responseSink: draw('KTABLE-SINK-', '-subscription-response-sink'),
    responseSource: draw('KTABLE-SOURCE-', '-subscription-response-source'),
    resolver: draw(`${response}RESOLVER-PROCESSOR-`, '-subscription-response-resolver'),
    result: draw('KTABLE-FK-JOIN-OUTPUT-', '-result'),
  };
}
