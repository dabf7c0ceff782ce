import { describe, expect, it } from '@jest/globals';
import { given, playCommands } from '@millrace/testing';
import { fc } from '@millrace/testing/random';
import { makeReturnLabel, returnLabel, type ReturnLabelCommand } from './return-label.ts';
import type { ReturnLabelEvent } from './events.ts';
import type { Shipment } from './shipment.ts';

const orderId = 'o1';
const trackingNumber = 'RL-o1';
const receivedAt = '2026-11-24T10:00:00.000Z';
const make = { type: 'MakeReturnLabel', orderId, leaves: true } as const;
const undo = { type: 'VoidReturnLabel', orderId, commandId: 'c1' } as const;
const scan = { type: 'RecordParcel', orderId, receivedAt } as const;
const answered = { type: 'RecordLabel', orderId, answer: { outcome: 'made', trackingNumber } } as const;
const turnedDown = { type: 'RecordLabel', orderId, answer: { outcome: 'refused' } } as const;

const requested: ReturnLabelEvent = { type: 'ReturnLabelRequested', orderId };
const made: ReturnLabelEvent = { type: 'ReturnLabelMade', orderId, trackingNumber };
const refused: ReturnLabelEvent = { type: 'ReturnLabelRefused', orderId, reason: 'label_refused' };
const voidRequested: ReturnLabelEvent = { type: 'ReturnLabelVoidRequested', orderId, commandId: 'c1' };
const voiding: ReturnLabelEvent = { type: 'CarrierVoidRequested', orderId };
const voided: ReturnLabelEvent = { type: 'ReturnLabelVoided', orderId };
const received: ReturnLabelEvent = { type: 'ReturnParcelReceived', orderId, receivedAt };

describe('a return label', () => {
  it('is asked for once, and is made or refused depending on the answer of the carrier', () => {
    given(returnLabel).when(make).then([requested]);
    given(returnLabel)
      .when(make)
      .thenCalls([{ type: 'MakeLabel', orderId }]);
    given(returnLabel, [requested]).when(make).then([]);
    given(returnLabel, [requested]).when(answered).then([made]);
    given(returnLabel, [requested]).when(turnedDown).then([refused]);
    given(returnLabel, [requested, made]).when(answered).then([]);
  });

  it.each<[Shipment['status'], boolean]>([
    ['none', false],
    ['scheduled', true],
    ['cancelled', false],
    ['dispatched', true],
    ['delivered', true],
  ])('for a shipment that is %s is asked for only if it leaves: %s', (status, leaves) => {
    const decided = makeReturnLabel(
      { type: 'MakeReturnLabel', orderId },
      { shipment: { status } as Shipment, returnLabel: returnLabel.initialState },
    );
    expect(decided.events).toEqual({ returnLabel: leaves ? [requested] : [refused] });
    expect(decided.calls ?? []).toEqual(leaves ? [{ type: 'MakeLabel', orderId }] : []);
  });

  it('is voided at the carrier if it was made', () => {
    given(returnLabel, [requested, made]).when(undo).then([voiding]);
    given(returnLabel, [requested, made])
      .when(undo)
      .thenCalls([{ type: 'VoidLabel', orderId }]);
    given(returnLabel, [requested, made, voiding])
      .when({ type: 'RecordLabelVoided', orderId })
      .then([voided]);
  });

  it('D11 answers a voiding even if there was no label, and then ignores the late command', () => {
    given(returnLabel).when(undo).then([voided]);
    given(returnLabel, [voided]).when(make).then([]);
    given(returnLabel, [refused]).when(undo).then([voided]);
    given(returnLabel, [voided]).when(undo).then([]);
  });

  it('D11 delays a voiding until the carrier has answered, and then answers only the voiding', () => {
    given(returnLabel, [requested]).when(undo).then([voidRequested]);
    given(returnLabel, [requested, voidRequested]).when(undo).then([]);
    given(returnLabel, [requested, voidRequested]).when(answered).then([voiding]);
    given(returnLabel, [requested, voidRequested])
      .when(answered)
      .thenCalls([{ type: 'VoidLabel', orderId }]);
    given(returnLabel, [requested, voidRequested]).when(turnedDown).then([voided]);
    for (const answer of [answered, turnedDown])
      given(returnLabel, [requested, voidRequested]).when(answer).thenAnswers(undo.commandId);
  });

  it('brings a parcel once, and is then not voided at the carrier', () => {
    given(returnLabel, [requested, made]).when(scan).then([received]);
    given(returnLabel, [requested, made, received]).when(scan).then([]);
    given(returnLabel, [requested, made, received]).when(undo).then([voided]);
    given(returnLabel, [requested, made, received]).when(undo).thenCalls([]);
    given(returnLabel, [requested, made, received, voided]).when(scan).then([]);
  });

  it('brings no parcel before it is made, nor after it was voided', () => {
    for (const events of [[], [requested], [refused]])
      given(returnLabel, events).when(scan).thenRejected('no_return_label');
    for (const events of [[voided], [requested, made, voiding]])
      given(returnLabel, events).when(scan).thenRejected('return_label_voided');
  });
});

describe('a return label that gets any commands in any order', () => {
  const every: readonly ReturnLabelCommand[] = [
    make,
    undo,
    scan,
    answered,
    turnedDown,
    { type: 'RecordLabelVoided', orderId },
  ];
  // The carrier gives one answer, and always repeats the same one.
  const commands = fc
    .tuple(fc.array(fc.constantFrom(...every), { maxLength: 20 }), fc.constantFrom(answered, turnedDown))
    .map(([given, answer]) => given.filter((each) => each.type !== 'RecordLabel' || each === answer));

  it('P08 is answered at most once, ends with its voiding, and brings at most one parcel', () => {
    fc.assert(
      fc.property(commands, (given) => {
        const types = playCommands(returnLabel, given).events.map(({ type }) => type);
        expect(new Set(types).size).toBe(types.length);
        const at = (type: ReturnLabelEvent['type']) => types.indexOf(type);
        expect(at('ReturnLabelMade') >= 0 && at('ReturnLabelRefused') >= 0).toBe(false);
        if (at('ReturnParcelReceived') >= 0)
          expect(at('ReturnParcelReceived')).toBeGreaterThan(at('ReturnLabelMade'));
        const undone = types.findIndex((type) => /Void/.test(type));
        if (undone >= 0) {
          expect(types.slice(undone)).not.toContain('ReturnLabelMade');
          expect(types.slice(undone)).not.toContain('ReturnParcelReceived');
        }
        if (at('ReturnLabelVoided') >= 0) expect(types.at(-1)).toBe('ReturnLabelVoided');
      }),
    );
  });
});
